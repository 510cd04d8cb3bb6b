/*
 * The floor of a container start: system calls and nothing else, no engine, no records, no log.
 *   floor [-d] [-s FILTER] [-c GROUP] [-b BRIDGE -a ADDRESS/PREFIX -g GATEWAY] LOWER SCRATCH COUNT PROGRAM [ARG ...]
 * prints the milliseconds of each start to exit, one a line. Without options it is bare: namespaces (pid, mnt, uts,
 * ipc, net, cgroup), overlay, proc, pivot_root, exec, wait. With them it does what docker's containers have:
 *   -d  its mounts (/dev with nodes and links, pts, shm, mqueue, sysfs, cgroup, three files in /etc,
 *       for which LOWER has places), its read-only and masked paths, host name, session keyring, capabilities
 *   -s  a compiled seccomp filter
 *   -c  a v2 cgroup of this path, made and removed, into which the process is cloned
 *   -b  an interface on this bridge with an address and a default route
 */
#include "core/mounts.h"
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RESTRICTED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define CAPABILITIES 0xa80425fbULL

static struct {
	int docker;
	const char *group;
	struct network_spec network;
	struct sock_fprog filter;
} options;

static void stop(const char *what)
{
	perror(what);
	_exit(125);
}

static void must(int result, const char *what)
{
	if (result < 0)
		stop(what);
}

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

/* Attach `mount` at a path below the new root, which is the working directory. */
static void attach(int mount, const char *path)
{
	int target = open(path, O_PATH | O_CLOEXEC);

	if (mount < 0 || target < 0)
		stop(path);
	must(attach_at(mount, target), path);
	close(mount);
	close(target);
}

static void make_dev(void)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "dev/fd", "/proc/self/fd" },	      { "dev/stdin", "/proc/self/fd/0" }, { "dev/stdout", "/proc/self/fd/1" },
		{ "dev/stderr", "/proc/self/fd/2" }, { "dev/core", "/proc/kcore" },	   { "dev/ptmx", "pts/ptmx" },
	};
	static const char *const dev[] = { "mode", "755", "size", "65536k", NULL };
	static const char *const shm[] = { "mode", "1777", "size", "64m", NULL };
	static const char *const pts[] = { "newinstance", NULL, "ptmxmode", "0666", "mode", "0620", "gid", "5", NULL };

	attach(new_filesystem("tmpfs", dev, RESTRICTED), "dev");
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		char host[32];
		snprintf(host, sizeof host, "/dev/%s", nodes[i]);
		close(open(host + 1, O_RDONLY | O_CREAT | O_CLOEXEC, 0644));
		attach(clone_tree(AT_FDCWD, host), host + 1);
	}
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		must(symlink(links[i][1], links[i][0]), links[i][0]);
	mkdir("dev/pts", 0755);
	attach(new_filesystem("devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), "dev/pts");
	mkdir("dev/shm", 0755);
	attach(new_filesystem("tmpfs", shm, RESTRICTED), "dev/shm");
	mkdir("dev/mqueue", 0755);
	attach(new_filesystem("mqueue", NULL, RESTRICTED), "dev/mqueue");
}

static void make_sys(void)
{
	static const char *const small[] = { "mode", "755", "size", "64k", NULL };
	int group = options.group ? clone_tree(AT_FDCWD, options.group) : -1;

	attach(new_filesystem("sysfs", NULL, RESTRICTED | MOUNT_ATTR_RDONLY), "sys");
	attach(new_filesystem("tmpfs", small, RESTRICTED), "sys/fs/cgroup");
	if (group < 0)
		return;
	must(restrict_tree(group, RESTRICTED | MOUNT_ATTR_RDONLY), "cgroup");
	mkdir("sys/fs/cgroup/unified", 0755);
	attach(group, "sys/fs/cgroup/unified");
}

static void bind_files(const char *scratch)
{
	static const char *const names[] = { "hosts", "hostname", "resolv.conf" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char host[1024], inside[32];
		int file;
		snprintf(host, sizeof host, "%s/%s", scratch, names[i]);
		snprintf(inside, sizeof inside, "etc/%s", names[i]);
		file = open(host, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		must(file < 0 ? -1 : (int)write(file, "127.0.0.1\tlocalhost\n", 20), host);
		close(file);
		attach(clone_tree(AT_FDCWD, host), inside);
	}
}

static void restrict_paths(void)
{
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };
	static const char *const masked[] = {
		"/proc/acpi",	     "/proc/asound",	  "/proc/interrupts", "/proc/kcore",	   "/proc/keys",
		"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",	      "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware",
	};
	struct stat info;

	for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++) {
		int copy = clone_tree(AT_FDCWD, read_only[i]);
		if (copy < 0)
			continue;
		must(restrict_tree(copy, MOUNT_ATTR_RDONLY), read_only[i]);
		attach(copy, read_only[i]);
	}
	for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
		if (stat(masked[i], &info) == 0)
			attach(S_ISDIR(info.st_mode) ? new_filesystem("tmpfs", NULL, MOUNT_ATTR_RDONLY) :
						       clone_tree(AT_FDCWD, "/dev/null"),
			       masked[i]);
}

static void drop_rights(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = (uint32_t)CAPABILITIES, .permitted = (uint32_t)CAPABILITIES } };

	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
		if (!(CAPABILITIES >> capability & 1))
			prctl(PR_CAPBSET_DROP, capability);
	/* A filter without no_new_privs needs CAP_SYS_ADMIN. */
	if (options.filter.len)
		must((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &options.filter), "seccomp");
	must((int)syscall(SYS_capset, &header, data), "capset");
}

/* The interface is there when the parent has closed its end. */
static void join_network(int linked)
{
	struct failure failure;
	char end;

	if (!options.network.bridge)
		return;
	if (network_loopback(&failure) < 0 || read(linked, &end, 1) != 0 || network_configure(&options.network, &failure) < 0)
		stop("network");
}

static void child(const char *overlay, const char *merged, const char *scratch, char **args, int linked)
{
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	must(mount("overlay", merged, "overlay", 0, overlay), "overlay");
	must(chdir(merged), "chdir");
	must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "proc");
	if (options.docker) {
		make_dev();
		make_sys();
		bind_files(scratch);
	}
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "chdir");
	if (options.docker) {
		restrict_paths();
		must(sethostname("floor", 5), "hostname");
	}
	join_network(linked);
	if (options.docker)
		drop_rights();
	execv(args[0], args);
	stop("exec");
}

static pid_t clone_child(int group)
{
	struct clone_args arguments = {
		.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};

	if (group >= 0) {
		arguments.flags |= CLONE_INTO_CGROUP;
		arguments.cgroup = (unsigned long)group;
	}
	return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static void start(const char *lower, const char *scratch, int number, char **args)
{
	char overlay[4096], merged[1024], path[1024];
	struct failure failure;
	int pipes[2], status, group = -1;
	pid_t pid;

	snprintf(merged, sizeof merged, "%s/m%d", scratch, number);
	mkdir(merged, 0755);
	snprintf(path, sizeof path, "%s/u%d", scratch, number);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/w%d", scratch, number);
	mkdir(path, 0755);
	snprintf(overlay, sizeof overlay, "lowerdir=%s,upperdir=%s/u%d,workdir=%s/w%d", lower, scratch, number, scratch, number);
	if (options.group) {
		mkdir(options.group, 0755);
		must(group = open(options.group, O_RDONLY | O_DIRECTORY | O_CLOEXEC), options.group);
	}
	must(pipe2(pipes, O_CLOEXEC), "pipe");
	must(pid = clone_child(group), "clone");
	if (pid == 0) {
		close(pipes[1]);
		child(overlay, merged, scratch, args, pipes[0]);
	}
	if (options.network.bridge && network_attach(&options.network, pid, &failure) < 0)
		stop(options.network.bridge);
	close(pipes[0]);
	close(pipes[1]);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		exit(1);
	if (options.group) {
		close(group);
		must(rmdir(options.group), options.group);
	}
}

static void read_filter(const char *path)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	must(fd < 0 ? -1 : fstat(fd, &info), path);
	options.filter.filter = malloc((size_t)info.st_size);
	options.filter.len = (unsigned short)((size_t)info.st_size / sizeof(struct sock_filter));
	must((int)read(fd, options.filter.filter, (size_t)info.st_size), path);
	close(fd);
}

static int parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+ds:c:b:a:g:")) >= 0) {
		if (option == 'd')
			options.docker = 1;
		else if (option == 's')
			read_filter(optarg);
		else if (option == 'c')
			options.group = optarg;
		else if (option == 'b')
			options.network.bridge = optarg;
		else if (option == 'a')
			options.network.address = optarg;
		else if (option == 'g')
			options.network.gateway = optarg;
		else
			return -1;
	}
	return argc - optind < 4 ? -1 : 0;
}

int main(int argc, char **argv)
{
	if (parse(argc, argv) < 0)
		return 2;
	argv += optind;
	for (int i = 0; i < atoi(argv[2]); i++) {
		double begin = now();
		start(argv[0], argv[1], i, argv + 3);
		printf("%.3f\n", now() - begin);
	}
	return 0;
}
