/* The accept loop of the holder: a child per connection, nothing else. */
#include "birth.h"
#include "bridges.h"
#include "holder.h"
#include "session.h"

#include "core/failure.h"
#include "core/wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t dismissed;

/* Both wake ppoll. Children are reaped in the loop; SIGTERM asks to leave as soon as nobody needs us, without the wait. */
static void on_signal(int number)
{
	if (number == SIGTERM)
		dismissed = 1;
}

static int socket_address(struct sockaddr_un *address, const char *suffix)
{
	int size;

	address->sun_family = AF_UNIX;
	size = snprintf(address->sun_path, sizeof address->sun_path, "%s/holder.sock%s", holder.run, suffix);
	if ((size_t)size < sizeof address->sun_path)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* Bound beside and renamed into place: a connect never meets a socket that does not listen. */
static int open_listener(struct failure *failure)
{
	struct sockaddr_un fresh, final;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || socket_address(&fresh, ".new") < 0 || socket_address(&final, "") < 0)
		return fail(failure, "listen", holder.run, errno);
	unlink(fresh.sun_path);
	if (bind(fd, (struct sockaddr *)&fresh, sizeof fresh) < 0 || chmod(fresh.sun_path, 0600) < 0 ||
	    listen(fd, SOMAXCONN) < 0 || rename(fresh.sun_path, final.sun_path) < 0)
		return fail(failure, "listen", final.sun_path, errno);
	return fd;
}

static int accept_owner(int listener)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid())
		return fd;
	close_owned(&fd);
	errno = EPERM;
	return -1;
}

static void dispatch(int connection, int listener, int lock)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid < 0)
		wire_write_error(connection, "fork", NULL, errno);
	if (pid != 0) {
		close(connection);
		return;
	}
	/* A monitor outlives the holder: it must not hold its lock or its socket. */
	close(listener);
	close(lock);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(session_main(connection));
}

/* Reap all that have ended; 1 while any child lives. Monitors whose parent ended are ours too (subreaper). */
static int reap_children(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		birth_unlend(pid); /* in case it was killed */
	return pid == 0;
}

static void accept_all(int listener, int lock)
{
	int connection;

	while ((connection = accept_owner(listener)) >= 0 || errno == EPERM || errno == EINTR || errno == ECONNABORTED)
		if (connection >= 0)
			dispatch(connection, listener, lock);
}

/* Leave without losing a client: nobody can connect after the unlink, who did before is served. 1 when it stays. */
static int retire(int *listener, int lock)
{
	struct sockaddr_un address;
	struct failure failure;

	if (socket_address(&address, "") == 0)
		unlink(address.sun_path);
	accept_all(*listener, lock);
	if (!reap_children()) {
		bridges_remove_unused();
		return 0;
	}
	close(*listener);
	*listener = open_listener(&failure);
	return *listener >= 0;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int loop(int listener, int lock)
{
	struct pollfd polled[2] = { { .fd = listener, .events = POLLIN }, { .fd = holder.outside } };
	long long idle_since = now_ms();
	sigset_t waiting;

	sigemptyset(&waiting);
	for (;;) {
		int busy = reap_children();
		long long left = dismissed ? 0 : idle_since + holder.idle_seconds * 1000LL - now_ms();
		struct timespec limit = { .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000 };

		if (!busy && left <= 0) {
			if (!retire(&polled[0].fd, lock))
				return 0;
			idle_since = now_ms();
			continue;
		}
		if (ppoll(polled, 2, busy ? NULL : &limit, &waiting) > 0) {
			/* Without the process outside no port can be opened: a new holder will do better. */
			if (polled[1].revents & (POLLHUP | POLLERR))
				return 1;
			accept_all(polled[0].fd, lock);
		}
		if (busy)
			idle_since = now_ms();
	}
}

/* Every container mounts its root on this empty folder, each in a mount namespace of its own. */
static void make_root_mountpoint(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/rootfs", holder.run);
	mkdir(path, 0700);
}

int holder_serve(int lock)
{
	struct failure failure = { 0 };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;
	int listener;

	process_title("sampan-holder");
	make_root_mountpoint();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	listener = open_listener(&failure);
	if (listener < 0) {
		if (holder.ready >= 0)
			wire_write_error(holder.ready, failure.step, failure.path, failure.error);
		return 1;
	}
	if (holder.ready >= 0) {
		wire_write(holder.ready, WIRE_RESULT, NULL, 0);
		close(holder.ready);
		holder.ready = -1;
	}
	return loop(listener, lock);
}
