#include "container.h"

#include "holder.h"
#include "network.h"
#include "rootfs.h"
#include "sync.h"

#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t raw_clone(struct clone_args *arguments)
{
	return (pid_t)syscall(SYS_clone3, arguments, sizeof *arguments);
}

static int joins_any(const struct monitor_spec *spec)
{
	return spec->pid.kind == NAMESPACE_JOIN || spec->ipc.kind == NAMESPACE_JOIN ||
	       spec->network_namespace.kind == NAMESPACE_JOIN;
}

/* Namespaces that the clone makes. The cgroup namespace comes later: it takes the group that it is made in as its root. */
static unsigned long long clone_flags(const struct monitor_spec *spec)
{
	unsigned long long flags = CLONE_NEWNS;

	if (holder.rootless && !joins_any(spec))
		flags |= CLONE_NEWUSER;
	if (spec->pid.kind == NAMESPACE_PRIVATE)
		flags |= CLONE_NEWPID;
	if (spec->ipc.kind == NAMESPACE_PRIVATE)
		flags |= CLONE_NEWIPC;
	if (spec->uts.kind == NAMESPACE_PRIVATE)
		flags |= CLONE_NEWUTS;
	if (spec->network_namespace.kind == NAMESPACE_PRIVATE)
		flags |= CLONE_NEWNET;
	return flags;
}

static int become_root(struct failure *failure)
{
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return fail(failure, "user", "setgroups", errno);
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return fail(failure, "user", "0:0", errno);
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? fail(failure, "dumpable", NULL, errno) : 0;
}

static int name_host(const struct monitor_spec *spec, struct failure *failure)
{
	if (spec->uts.kind != NAMESPACE_PRIVATE || !spec->hostname)
		return 0;
	return sethostname(spec->hostname, strlen(spec->hostname)) < 0 ?
		       fail(failure, "hostname", spec->hostname, errno) :
		       0;
}

static int make_cwd(const struct monitor_spec *spec, int root, struct failure *failure)
{
	static const struct new_directory plain = { .mode = 0755 };
	CLEANUP_FD int directory = -1;

	if (!spec->process.create_cwd)
		return 0;
	directory = root_make_directory(root, spec->process.cwd, &plain);
	return directory < 0 ? fail(failure, "cwd", spec->process.cwd, errno) : 0;
}

/* Everything from SYNC_MAPPED to the point where only exec is left. */
static int set_up(const struct monitor_spec *spec, struct stdio *stdio, int sync, char *program, struct failure *failure)
{
	struct sync_message ready = { .kind = SYNC_READY };
	int root, slave = -1, master = -1;

	if (sync_expect(sync, SYNC_MAPPED, "idmap", failure) < 0 || become_root(failure) < 0)
		return -1;
	if (spec->cgroup_namespace.kind == NAMESPACE_PRIVATE && unshare(CLONE_NEWCGROUP) < 0)
		return fail(failure, "unshare", "cgroup namespace", errno);
	root = rootfs_build(spec, failure);
	if (root < 0)
		return -1;
	if (spec->process.tty) {
		master = rootfs_open_terminal(root, &spec->process, &slave, failure);
		if (master < 0)
			return -1;
		*stdio = (struct stdio){ { slave, slave, slave } };
	}
	if (sync_expect(sync, SYNC_LINKED, "network", failure) < 0)
		return -1;
	if (spec->network_namespace.kind == NAMESPACE_PRIVATE && network_configure(&spec->network, failure) < 0)
		return -1;
	if (rootfs_enter(root, failure) < 0 || make_cwd(spec, root, failure) < 0 ||
	    rootfs_restrict(spec, root, failure) < 0 || name_host(spec, failure) < 0)
		return -1;
	if (process_prepare(&spec->process, stdio, failure) < 0 ||
	    process_find(&spec->process, program, failure) < 0)
		return -1;
	return sync_send(sync, &ready, master) < 0 ? fail(failure, "ready", NULL, errno) : 0;
}

static _Noreturn void report_and_exit(int sync, const struct failure *failure)
{
	struct sync_message message = { .kind = SYNC_FAILED, .failure = *failure };

	sync_send(sync, &message, -1);
	_exit(1);
}

static _Noreturn void first_process(const struct monitor_spec *spec, struct stdio stdio, int sync)
{
	char program[PATH_MAX];
	struct failure failure = { 0 };

	prctl(PR_SET_NAME, "sampan-init");
	if (set_up(spec, &stdio, sync, program, &failure) < 0 || sync_expect(sync, SYNC_GO, "exec", &failure) < 0)
		report_and_exit(sync, &failure);
	/* Without its monitor a container has no log, no ports and nobody who waits for it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (spec->init)
		init_run(&spec->process, program, sync);
	process_exec(&spec->process, program, &failure);
	report_and_exit(sync, &failure);
}

static int join_one(const struct namespace_spec *namespace, int type, int with_user, struct failure *failure)
{
	CLEANUP_FD int target = -1;
	const char *name = type == CLONE_NEWPID ? "pid namespace" : type == CLONE_NEWIPC ? "ipc namespace" : "network namespace";

	if (namespace->kind != NAMESPACE_JOIN)
		return 0;
	target = process_open(&namespace->target);
	if (target < 0)
		return fail(failure, "join", name, errno);
	/* Rootless, the other container's namespaces belong to its user namespace. Being in it already is EINVAL. */
	if (with_user && setns(target, CLONE_NEWUSER) < 0 && errno != EINVAL)
		return fail(failure, "join", "user namespace", errno);
	return setns(target, type) < 0 ? fail(failure, "join", name, errno) : 0;
}

/*
 * To be born in another container's namespaces takes a process in between that joins them and clones the real
 * one as its own sibling, a child of the monitor.
 */
static _Noreturn void joiner(const struct monitor_spec *spec, const struct stdio *stdio, int sync)
{
	struct clone_args arguments = { .flags = clone_flags(spec) | CLONE_PARENT };
	struct sync_message born = { .kind = SYNC_PID };
	struct failure failure = { 0 };
	pid_t pid;

	if (join_one(&spec->network_namespace, CLONE_NEWNET, holder.rootless, &failure) < 0 ||
	    join_one(&spec->ipc, CLONE_NEWIPC, holder.rootless, &failure) < 0 ||
	    join_one(&spec->pid, CLONE_NEWPID, holder.rootless, &failure) < 0)
		report_and_exit(sync, &failure);
	pid = raw_clone(&arguments);
	if (pid < 0) {
		fail(&failure, "clone", NULL, errno);
		report_and_exit(sync, &failure);
	}
	if (pid == 0)
		first_process(spec, *stdio, sync);
	born.number = pid;
	sync_send(sync, &born, -1);
	_exit(0);
}

/* The program's process is our child too (CLONE_PARENT): its number cannot be reused before we reap it. */
static int adopt(struct newborn *newborn, pid_t joiner_pid, struct failure *failure)
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
	while (waitid(P_PID, (id_t)joiner_pid, &info, WEXITED) < 0 && errno == EINTR)
		;
	newborn->pid = message.number;
	newborn->pidfd = pidfd_open(newborn->pid, 0);
	return newborn->pidfd < 0 ? fail(failure, "join", NULL, errno) : 0;
}

int container_clone(const struct monitor_spec *spec, const struct stdio *stdio, struct newborn *newborn, struct failure *failure)
{
	int joined = joins_any(spec);
	struct clone_args arguments = {
		.flags = (joined ? 0 : clone_flags(spec)) | CLONE_PIDFD,
		.pidfd = (unsigned long)&newborn->pidfd,
		.exit_signal = SIGCHLD,
	};
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail(failure, "socketpair", NULL, errno);
	pid = raw_clone(&arguments);
	if (pid < 0)
		return fail(failure, "clone", NULL, errno);
	if (pid == 0) {
		close(pair[0]);
		if (joined)
			joiner(spec, stdio, pair[1]);
		first_process(spec, *stdio, pair[1]);
	}
	close(pair[1]);
	newborn->sync = pair[0];
	newborn->pid = pid;
	if (!joined)
		return 0;
	close_owned(&newborn->pidfd);
	return adopt(newborn, pid, failure);
}
