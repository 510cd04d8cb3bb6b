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
#include <time.h>
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

static unsigned long long network_inode(void)
{
	struct stat info;

	return stat("/proc/self/ns/net", &info) == 0 ? info.st_ino : 0;
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
	if (fd < 0 || dprintf(fd, "%s %s %llu\n", self.start_time, self.boot_id, network_inode()) < 0)
		unlink(path);
}

void birth_unlend(pid_t pid)
{
	char path[PATH_MAX];

	if (!holder.rootless)
		return;
	lend_path(path, sizeof path, pid);
	unlink(path);
}

/* A process that lives in the namespaces of an earlier holder. */
struct lender {
	int pidfd;
	unsigned long long network;
};

/* Find one; the pidfd is -1 when there is none. Stale records go. */
static struct lender find_lender(void)
{
	char path[PATH_MAX], text[128];
	struct process_identity identity;
	struct dirent *entry;
	DIR *directory;
	struct lender found = { .pidfd = -1 };

	snprintf(path, sizeof path, "%s/monitors", holder.run);
	directory = opendir(path);
	while (directory && found.pidfd < 0 && (entry = readdir(directory))) {
		identity.pid = atoi(entry->d_name);
		if (identity.pid <= 0 || read_small_file(dirfd(directory), entry->d_name, text, sizeof text) <= 0)
			continue;
		if (sscanf(text, "%23s %39s %llu", identity.start_time, identity.boot_id, &found.network) == 3)
			found.pidfd = process_open(&identity);
		if (found.pidfd < 0)
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	if (directory)
		closedir(directory);
	return found;
}

/* A monitor that relays a port is in its container's network for two system calls: try until it is home. */
static int join_network(const struct lender *lender)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };

	for (int tries = 0; tries < 100; tries++) {
		if (setns(lender->pidfd, CLONE_NEWNET) < 0)
			return -1;
		if (network_inode() == lender->network)
			return 0;
		nanosleep(&pause, NULL);
	}
	errno = EAGAIN;
	return -1;
}

static int join_lender(const struct lender *lender, struct failure *failure)
{
	if (setns(lender->pidfd, CLONE_NEWUSER) < 0)
		return fail(failure, "join", "user namespace", errno);
	if (join_network(lender) < 0)
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
static int fork_inside(const struct lender *lender, enum mapping mapping, struct failure *failure)
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
		return lender->pidfd >= 0 ? join_lender(lender, failure) : make_namespaces(pair[1], failure);
	}
	close(pair[1]);
	if (lender->pidfd < 0)
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
	struct lender lender = find_lender();
	int outcome = fork_inside(&lender, MAP_RANGE, failure);

	if (outcome == 1)
		outcome = fork_inside(&lender, MAP_SINGLE, failure);
	close_owned(&lender.pidfd);
	return outcome;
}
