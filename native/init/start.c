/* Becoming the holder: one at a time, detached from whoever asked for it, in namespaces of its own. */
#include "birth.h"
#include "holder.h"

#include "core/failure.h"
#include "core/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct holder holder = { .idle_seconds = 10, .ready = -1, .outside = -1 };

static int report(const struct failure *failure)
{
	if (holder.ready >= 0)
		wire_write_error(holder.ready, failure->step, failure->path, failure->error);
	return 1;
}

/* No descriptor, terminal, folder or file mode of the starter stays with us. */
static void detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	if (chdir("/") < 0)
		abort();
	umask(0022);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (holder.ready >= 0 && holder.ready != 3) {
		dup2(holder.ready, 3);
		holder.ready = 3;
	}
	close_range(holder.ready >= 0 ? 4 : 3, ~0U, 0);
	if (holder.ready >= 0)
		fcntl(holder.ready, F_SETFD, FD_CLOEXEC);
}

/* Signal dispositions and mask that the starter (Node ignores SIGPIPE) may have left. */
static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int holder_answers(const char *run)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int size = snprintf(address.sun_path, sizeof address.sun_path, "%s/holder.sock", run);

	return fd >= 0 && (size_t)size < sizeof address.sun_path &&
	       connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

/*
 * The lock is held for the life of a holder. 1: ours now; 0: another holder answers; -1: neither within ten
 * seconds, which only a stopped holder explains.
 */
static int take_lock(int *lock, struct failure *failure)
{
	static const struct timespec pause = { .tv_nsec = 2000000 };
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/holder.lock", holder.run);
	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*lock < 0)
		return fail(failure, "lock", path, errno);
	for (int tries = 0; tries < 5000; tries++) {
		if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
			return 1;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(failure, "lock", path, errno);
		if (holder_answers(holder.run))
			return 0;
		nanosleep(&pause, NULL);
	}
	return fail(failure, "lock", path, ETIMEDOUT);
}

/* Only its owner may ever put anything inside; sockets and locks in it are for the owner alone (0600). */
static int check_run_directory(struct failure *failure)
{
	struct stat info;

	if (mkdir(holder.run, 0700) < 0 && errno != EEXIST)
		return fail(failure, "run-directory", holder.run, errno);
	if (lstat(holder.run, &info) < 0)
		return fail(failure, "run-directory", holder.run, errno);
	if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 022))
		return fail(failure, "run-directory", holder.run, EPERM);
	return 0;
}

static int become_holder(void)
{
	struct failure failure = { 0 };
	struct rlimit files;
	int lock = -1, got;

	detach();
	reset_signals();
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (check_run_directory(&failure) < 0)
		return report(&failure);
	got = take_lock(&lock, &failure);
	if (got < 0)
		return report(&failure);
	if (got == 0) {
		if (holder.ready >= 0)
			wire_write(holder.ready, WIRE_RESULT, NULL, 0);
		return 0;
	}
	if (geteuid() == 0 ? birth_root(&failure) : birth_rootless(&failure))
		return report(&failure);
	return holder_serve(lock);
}

int holder_start(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		struct failure failure;
		fail(&failure, "fork", NULL, errno);
		return report(&failure);
	}
	return pid > 0 ? 0 : become_holder();
}
