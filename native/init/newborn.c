#include "newborn.h"

#include "sync.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t raw_clone(const struct clone_args *arguments)
{
	return (pid_t)syscall(SYS_clone3, arguments, sizeof *arguments);
}

/* Into `cgroup` if the kernel takes it; *in_cgroup says so, in the child too, in memory of its own. */
static pid_t clone_into_cgroup(const struct clone_args *plain, int cgroup, int *in_cgroup)
{
	struct clone_args arguments = *plain;
	pid_t pid = -1;

	*in_cgroup = cgroup >= 0;
	if (cgroup >= 0) {
		arguments.flags |= CLONE_INTO_CGROUP;
		arguments.cgroup = (unsigned long)cgroup;
		pid = raw_clone(&arguments);
	}
	if (pid >= 0)
		return pid;
	*in_cgroup = 0;
	return raw_clone(plain);
}

int newborn_clone(struct newborn *newborn, unsigned long long flags, newborn_main run, const void *argument,
		  struct failure *failure)
{
	struct clone_args arguments = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (unsigned long)&newborn->pidfd,
		.exit_signal = SIGCHLD,
	};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail(failure, "socketpair", NULL, errno);
	newborn->pid = clone_into_cgroup(&arguments, newborn->cgroup, &newborn->in_cgroup);
	if (newborn->pid < 0) {
		fail(failure, "clone", NULL, errno);
		close(pair[0]);
		close(pair[1]);
		return -1;
	}
	if (newborn->pid == 0) {
		close(pair[0]);
		run(argument, pair[1]);
		_exit(1);
	}
	close(pair[1]);
	newborn->sync = pair[0];
	return 0;
}

_Noreturn void newborn_succeed(const struct succession *succession, newborn_main run, const void *argument, int sync)
{
	struct clone_args arguments = { .flags = succession->flags | CLONE_PARENT };
	struct sync_message born = { .kind = SYNC_PID };
	pid_t pid = clone_into_cgroup(&arguments, succession->cgroup, &born.in_cgroup);

	if (pid < 0) {
		struct failure failure;
		fail(&failure, "clone", NULL, errno);
		newborn_fail(sync, &failure);
	}
	if (pid == 0) {
		run(argument, sync);
		_exit(1);
	}
	born.number = pid;
	/* Unknown to its parent it would wait for ever. */
	if (sync_send(sync, &born, -1) < 0)
		kill(pid, SIGKILL);
	_exit(0);
}

int newborn_adopt(struct newborn *newborn, struct failure *failure)
{
	struct sync_message message;
	siginfo_t info;
	int got = sync_receive(newborn->sync, &message, NULL);

	if (got <= 0)
		return fail(failure, "join", NULL, got == 0 ? ECHILD : errno);
	if (message.kind == SYNC_FAILED) {
		*failure = message.failure;
		return -1;
	}
	while (waitid(P_PIDFD, (id_t)newborn->pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	close(newborn->pidfd);
	/* Our child too: its number cannot be used again before we reap it. */
	newborn->pid = message.number;
	newborn->in_cgroup = message.in_cgroup;
	newborn->pidfd = pidfd_open(newborn->pid, 0);
	return newborn->pidfd < 0 ? fail(failure, "join", NULL, errno) : 0;
}

_Noreturn void newborn_fail(int sync, const struct failure *failure)
{
	struct sync_message message = { .kind = SYNC_FAILED, .failure = *failure };

	sync_send(sync, &message, -1);
	_exit(1);
}
