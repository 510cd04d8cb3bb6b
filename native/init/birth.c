#include "birth.h"

#include "holder.h"
#include "idmap.h"
#include "outside.h"

#include "core/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What host mounts and unmounts later is seen here too (a disk plugged in); nothing of ours goes back. */
static int own_mounts(struct failure *failure)
{
	if (unshare(CLONE_NEWNS) < 0)
		return fail(failure, "unshare", "mount namespace", errno);
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail(failure, "unshare", "/", errno);
	return 0;
}

int birth_root(struct failure *failure)
{
	return own_mounts(failure);
}

static int loopback_up(struct failure *failure)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	CLEANUP_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return fail(failure, "network", "lo", errno);
	return 0;
}

static int take_id_zero(struct failure *failure)
{
	/* With a single id the kernel denies setgroups: the caller's groups stay, shown as the overflow id. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return fail(failure, "idmap", "setgroups", errno);
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return fail(failure, "idmap", "setresuid", errno);
	/* The process outside opens our /proc/<pid>/ns; nobody but our own user can. */
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

static void lend_path(char *path, size_t size, pid_t pid)
{
	snprintf(path, size, "%s/monitors/%d", holder.run, pid);
}

void birth_lend(void)
{
	struct process_identity self;
	char path[PATH_MAX];
	CLEANUP_FD int fd = -1;

	if (!holder.rootless || process_identify(getpid(), &self) < 0)
		return;
	snprintf(path, sizeof path, "%s/monitors", holder.run);
	mkdir(path, 0700);
	lend_path(path, sizeof path, self.pid);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || dprintf(fd, "%s %s\n", self.start_time, self.boot_id) < 0)
		unlink(path);
}

void birth_unlend(void)
{
	char path[PATH_MAX];

	if (!holder.rootless)
		return;
	lend_path(path, sizeof path, getpid());
	unlink(path);
}

/* A pidfd of a process that lives in the namespaces of an earlier holder, or -1. Stale records go. */
static int find_lender(void)
{
	char path[PATH_MAX], text[128];
	struct process_identity identity;
	struct dirent *entry;
	DIR *directory;
	int found = -1;

	snprintf(path, sizeof path, "%s/monitors", holder.run);
	directory = opendir(path);
	while (directory && found < 0 && (entry = readdir(directory))) {
		identity.pid = atoi(entry->d_name);
		if (identity.pid <= 0 || read_small_file(dirfd(directory), entry->d_name, text, sizeof text) <= 0)
			continue;
		if (sscanf(text, "%23s %39s", identity.start_time, identity.boot_id) == 2)
			found = process_open(&identity);
		if (found < 0)
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	if (directory)
		closedir(directory);
	return found;
}

static int join_lender(int lender, struct failure *failure)
{
	if (setns(lender, CLONE_NEWUSER) < 0)
		return fail(failure, "join", "user namespace", errno);
	if (setns(lender, CLONE_NEWNET) < 0)
		return fail(failure, "join", "network namespace", errno);
	if (take_id_zero(failure) < 0)
		return -1;
	return own_mounts(failure);
}

/* The new process: make the user namespace, wait for the ids, then the rest, which needs them. */
static int make_namespaces(int control, struct failure *failure)
{
	char mapped;

	if (unshare(CLONE_NEWUSER) < 0)
		return fail(failure, "unshare", "user namespace", errno);
	if (send(control, "u", 1, 0) != 1 || recv(control, &mapped, 1, 0) != 1)
		return fail(failure, "idmap", NULL, EPIPE);
	if (take_id_zero(failure) < 0)
		return -1;
	if (unshare(CLONE_NEWNET) < 0)
		return fail(failure, "unshare", "network namespace", errno);
	if (loopback_up(failure) < 0)
		return -1;
	return own_mounts(failure);
}

enum mapping { MAP_RANGE, MAP_SINGLE };

/* Outside: give the child its ids. 0; 1 when ranges failed and a fresh child must be tried with one id; -1 when the child has died. */
static int map_child(int control, pid_t child, enum mapping mapping)
{
	struct failure failure = { 0 };
	char made;

	if (recv(control, &made, 1, 0) != 1)
		return -1; /* it reported by itself */
	if (mapping == MAP_RANGE ? idmap_range(child, &failure) : idmap_single(child, &failure))
		return 1;
	return send(control, "m", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* Fork the inner process. Returns 0 in it with holder.outside set; in the outer process 1 to try again, never otherwise. */
static int fork_inside(int lender, enum mapping mapping, struct failure *failure)
{
	int pair[2], outcome = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail(failure, "socketpair", NULL, errno);
	child = fork();
	if (child < 0)
		return fail(failure, "fork", NULL, errno);
	if (child == 0) {
		close(pair[0]);
		holder.outside = pair[1];
		holder.rootless = 1;
		return lender >= 0 ? join_lender(lender, failure) : make_namespaces(pair[1], failure);
	}
	close(pair[1]);
	if (lender < 0)
		outcome = map_child(pair[0], child, mapping);
	if (outcome == 1 && mapping == MAP_RANGE) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		close(pair[0]);
		return 1;
	}
	outside_serve(pair[0], child);
}

int birth_rootless(struct failure *failure)
{
	CLEANUP_FD int lender = find_lender();
	int outcome = fork_inside(lender, MAP_RANGE, failure);

	return outcome == 1 ? fork_inside(-1, MAP_SINGLE, failure) : outcome;
}
