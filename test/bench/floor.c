/*
 * The floor of a container start: the bare system calls and nothing else. Namespaces (pid, mnt, uts, ipc, net, cgroup),
 * overlay, proc, pivot_root, exec, wait.
 *   floor LOWER SCRATCH COUNT PROGRAM [ARG ...]
 * prints the milliseconds of each start to exit, one a line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	_exit(125);
}

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static void child(const char *options, const char *merged, char **args)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("private");
	if (mount("overlay", merged, "overlay", 0, options) < 0)
		fail("overlay");
	if (chdir(merged) < 0)
		fail("chdir");
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		fail("proc");
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		fail("pivot_root");
	execv(args[0], args);
	fail("exec");
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	int count = atoi(argv[3]);
	for (int i = 0; i < count; i++) {
		char options[4096], merged[1024], path[1024];
		int status;
		double start = now();
		snprintf(merged, sizeof merged, "%s/m%d", argv[2], i);
		mkdir(merged, 0755);
		snprintf(path, sizeof path, "%s/u%d", argv[2], i);
		mkdir(path, 0755);
		snprintf(path, sizeof path, "%s/w%d", argv[2], i);
		mkdir(path, 0755);
		snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/u%d,workdir=%s/w%d", argv[1], argv[2], i, argv[2], i);
		pid_t pid = (pid_t)syscall(SYS_clone,
			CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | SIGCHLD, 0, 0, 0, 0);
		if (pid < 0)
			fail("clone");
		if (pid == 0)
			child(options, merged, argv + 4);
		if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			return 1;
		printf("%.3f\n", now() - start);
	}
	return 0;
}
