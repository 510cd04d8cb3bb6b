/*
 * A helper that fails at a step of choice. Linked into a build for tests with --wrap for every call named by WRAP below:
 * the calls of one role of one container are its steps, counted from 1, whoever of the helper's files makes them.
 *
 * The file that SAMPAN_FAULTS names says what to do, a line `role step fail|kill`, and after REPORT_AT what was done: the
 * name of the call, once its step was reached. Calls that only tidy up (close, unlink, rmdir, kill, wait) always work, and
 * those of epoll, whose failure ends a monitor as SIGKILL does.
 */
#include "init/newborn.h"
#include "init/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PAGE 4096
#define REPORT_AT 2048

static struct {
	char *page;
	char role[16];
	int step;
	int kills;
	/* Whether this process plays the role, and how many calls it has made. */
	int active;
	int count;
	newborn_main run;
} faults;

static void play(const char *role)
{
	faults.active = strcmp(faults.role, role) == 0;
	faults.count = 0;
}

static void arm(const char *role)
{
	const char *path = getenv("SAMPAN_FAULTS");
	int fd = path ? (int)syscall(SYS_open, path, O_RDWR | O_CLOEXEC) : -1;
	char what[8];

	if (fd < 0)
		return;
	faults.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (faults.page == MAP_FAILED || sscanf(faults.page, "%15s %d %7s", faults.role, &faults.step, what) != 3)
		abort();
	faults.kills = strcmp(what, "kill") == 0;
	play(role);
}

/* 1 when the call that is about to be made must fail, errno set. */
static int strike(const char *call)
{
	if (!faults.active || ++faults.count != faults.step)
		return 0;
	strcpy(faults.page + REPORT_AT, call);
	if (faults.kills)
		raise(SIGKILL);
	errno = EIO;
	return 1;
}

#define WRAP(type, name, parameters, arguments)  \
	type __real_##name parameters;           \
	type __wrap_##name parameters;           \
	type __wrap_##name parameters            \
	{                                        \
		if (strike(#name))               \
			return (type)-1;         \
		return __real_##name arguments;  \
	}

WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))
WRAP(int, symlinkat, (const char *to, int fd, const char *path), (to, fd, path))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
WRAP(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
WRAP(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
WRAP(ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags))
WRAP(ssize_t, sendto, (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
     (fd, data, size, flags, to, length))
WRAP(ssize_t, recvfrom, (int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length),
     (fd, data, size, flags, from, length))
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(int, socketpair, (int domain, int type, int protocol, int *pair), (domain, type, protocol, pair))
WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size))
WRAP(int, listen, (int fd, int backlog), (fd, backlog))
WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size))
WRAP(int, pipe2, (int *ends, int flags), (ends, flags))
WRAP(int, dup2, (int from, int to), (from, to))
WRAP(int, close_range, (unsigned first, unsigned last, int flags), (first, last, flags))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, ftruncate, (int fd, off_t size), (fd, size))
WRAP(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(int, fstat, (int fd, struct stat *info), (fd, info))
WRAP(int, stat, (const char *path, struct stat *info), (path, info))
WRAP(int, lstat, (const char *path, struct stat *info), (path, info))
WRAP(int, fstatat, (int fd, const char *path, struct stat *info, int flags), (fd, path, info, flags))
WRAP(int, fstatfs, (int fd, struct statfs *info), (fd, info))
WRAP(int, statfs, (const char *path, struct statfs *info), (path, info))
WRAP(int, mount, (const char *from, const char *at, const char *type, unsigned long flags, const void *data),
     (from, at, type, flags, data))
WRAP(int, umount2, (const char *at, int flags), (at, flags))
WRAP(int, fsopen, (const char *type, unsigned flags), (type, flags))
WRAP(int, fsconfig, (int fd, unsigned command, const char *key, const void *value, int extra), (fd, command, key, value, extra))
WRAP(int, fsmount, (int fd, unsigned flags, unsigned attributes), (fd, flags, attributes))
WRAP(int, open_tree, (int fd, const char *path, unsigned flags), (fd, path, flags))
WRAP(int, move_mount, (int from, const char *source, int to, const char *target, unsigned flags),
     (from, source, to, target, flags))
WRAP(int, mount_setattr, (int fd, const char *path, unsigned flags, struct mount_attr *attributes, size_t size),
     (fd, path, flags, attributes, size))
WRAP(int, unshare, (int flags), (flags))
WRAP(int, setns, (int fd, int flags), (fd, flags))
WRAP(int, chdir, (const char *path), (path))
WRAP(int, fchdir, (int fd), (fd))
WRAP(int, setgroups, (size_t count, const gid_t *groups), (count, groups))
WRAP(int, setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved))
WRAP(int, setresgid, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved))
WRAP(int, setrlimit, (__rlimit_resource_t resource, const struct rlimit *limit), (resource, limit))
WRAP(int, sethostname, (const char *name, size_t size), (name, size))
WRAP(int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
WRAP(int, execve, (const char *path, char *const *args, char *const *env), (path, args, env))

/* Calls with arguments of any number, as many as anybody gives them. */
#define WRAP_VARIADIC(type, name, first, first_name, count)                              \
	type __real_##name(first, ...);                                                  \
	type __wrap_##name(first, ...);                                                  \
	type __wrap_##name(first, ...)                                                   \
	{                                                                                \
		long a[6] = { 0 };                                                       \
		va_list list;                                                            \
		if (strike(#name))                                                       \
			return (type)-1;                                                 \
		va_start(list, first_name);                                              \
		for (int i = 0; i < (count); i++)                                        \
			a[i] = va_arg(list, long);                                       \
		va_end(list);                                                            \
		return __real_##name(first_name, a[0], a[1], a[2], a[3], a[4], a[5]);    \
	}

WRAP_VARIADIC(long, syscall, long number, number, 6)
WRAP_VARIADIC(int, prctl, int option, option, 4)
WRAP_VARIADIC(int, ioctl, int fd, fd, 2)
WRAP_VARIADIC(int, open, const char *path, path, 2)
WRAP_VARIADIC(int, openat, int fd, fd, 3)

/* ---- roles ---- */

int __real_monitor_main(int fd, const struct wire_message *first);
int __wrap_monitor_main(int fd, const struct wire_message *first);
int __wrap_monitor_main(int fd, const struct wire_message *first)
{
	arm("monitor");
	return __real_monitor_main(fd, first);
}

int __real_exec_main(int fd, const struct wire_message *first);
int __wrap_exec_main(int fd, const struct wire_message *first);
int __wrap_exec_main(int fd, const struct wire_message *first)
{
	arm("exec");
	return __real_exec_main(fd, first);
}

static void run_newborn(const void *argument, int sync)
{
	play("newborn");
	faults.run(argument, sync);
}

int __real_newborn_clone(struct newborn *newborn, unsigned long long flags, newborn_main run, const void *argument,
			 struct failure *failure);
int __wrap_newborn_clone(struct newborn *newborn, unsigned long long flags, newborn_main run, const void *argument,
			 struct failure *failure);
int __wrap_newborn_clone(struct newborn *newborn, unsigned long long flags, newborn_main run, const void *argument,
			 struct failure *failure)
{
	faults.run = run;
	return __real_newborn_clone(newborn, flags, run_newborn, argument, failure);
}
