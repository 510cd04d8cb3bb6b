#include "container.h"

#include "holder.h"
#include "network.h"
#include "rootfs.h"
#include "session.h"
#include "state.h"
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int container_joins(const struct monitor_spec *spec)
{
	return spec->pid.kind == NAMESPACE_JOIN || spec->ipc.kind == NAMESPACE_JOIN ||
	       spec->network_namespace.kind == NAMESPACE_JOIN;
}

/* Namespaces that the clone makes. The cgroup namespace comes later: it takes the group that it is made in as its root. */
static unsigned long long clone_flags(const struct monitor_spec *spec)
{
	unsigned long long flags = CLONE_NEWNS;

	if (holder.rootless && !container_joins(spec))
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

int become_id_zero(struct failure *failure)
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

/* The monitor cannot open our /proc/<pid>/ns: we are not dumpable. */
static int send_namespace(int sync, enum sync_kind kind, struct failure *failure)
{
	const char *path = kind == SYNC_MOUNTS ? "/proc/self/ns/mnt" : "/proc/self/ns/net";
	struct sync_message message = { .kind = kind };
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || sync_send(sync, &message, fd) < 0)
		return fail(failure, kind == SYNC_MOUNTS ? "mount" : "publish", path, errno);
	return 0;
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

static int write_file(const struct file_spec *file, struct failure *failure)
{
	CLEANUP_FD int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	const size_t size = strlen(file->content);

	if (fd < 0 || write(fd, file->content, size) != (ssize_t)size || fchmod(fd, 0644) < 0)
		return fail(failure, "files", file->path, errno ? errno : EIO);
	return 0;
}

/* What the server wants on disk before the program runs; written here, because here nobody else waits for it. */
static int write_files(const struct monitor_spec *spec, struct failure *failure)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (write_file(&spec->files[i], failure) < 0)
			return -1;
	return spec->run_record ? replace_file(spec->run_directory, "run.json", spec->run_record, failure) : 0;
}

/* As much as can be done before the rest of the spec is known: namespaces without a rootfs. */
static int settle(const struct monitor_spec *spec, int sync, struct failure *failure)
{
	if (sync_expect(sync, SYNC_MAPPED, NULL, failure) < 0 || become_id_zero(failure) < 0)
		return -1;
	if (spec->init && process_keep_init() < 0)
		return fail(failure, "exec", "/proc/self/exe", errno);
	if (send_namespace(sync, SYNC_MOUNTS, failure) < 0)
		return -1;
	/* Published ports are dialled from inside. */
	if (spec->port_count && send_namespace(sync, SYNC_NETWORK, failure) < 0)
		return -1;
	if (spec->cgroup_namespace.kind == NAMESPACE_PRIVATE && unshare(CLONE_NEWCGROUP) < 0)
		return fail(failure, "unshare", "cgroup namespace", errno);
	return spec->network_namespace.kind == NAMESPACE_PRIVATE ? network_loopback(failure) : 0;
}

/* Everything up to the point where only exec is left. */
static int set_up(const struct birth *birth, struct stdio *stdio, int sync, char *program, struct failure *failure)
{
	struct sync_message ready = { .kind = SYNC_READY };
	struct monitor_spec *spec = birth->spec;
	int root, slave = -1, master = -1;

	if (settle(spec, sync, failure) < 0 || sync_expect(sync, SYNC_PLACED, NULL, failure) < 0)
		return -1;
	if (!spec->complete && spec_complete_monitor(birth->connection, spec, failure) < 0)
		return -1;
	if (!birth->again && write_files(spec, failure) < 0)
		return -1;
	root = rootfs_build(spec, failure);
	if (root < 0)
		return -1;
	if (spec->process.tty) {
		master = terminal_open(root, &spec->process, &slave, failure);
		if (master < 0 || terminal_bind_console(root, slave, failure) < 0)
			return -1;
		*stdio = (struct stdio){ { slave, slave, slave } };
	}
	if (rootfs_enter(root, failure) < 0 || make_cwd(spec, root, failure) < 0 ||
	    rootfs_restrict(spec, root, failure) < 0 || name_host(spec, failure) < 0)
		return -1;
	/* As late as possible: the monitor makes the interface meanwhile. */
	if (sync_expect(sync, SYNC_LINKED, NULL, failure) < 0)
		return -1;
	if (spec->network_namespace.kind == NAMESPACE_PRIVATE && network_configure(&spec->network, failure) < 0)
		return -1;
	if (process_prepare(&spec->process, stdio, failure) < 0 ||
	    process_find(&spec->process, program, failure) < 0)
		return -1;
	return sync_send(sync, &ready, master) < 0 ? fail(failure, "ready", NULL, errno) : 0;
}

static void first_process(const void *argument, int sync)
{
	const struct birth *birth = argument;
	const struct monitor_spec *spec = birth->spec;
	struct stdio stdio = birth->stdio;
	char program[PATH_MAX];
	struct failure failure = { 0 };

	prctl(PR_SET_NAME, "sampan-init");
	session_forget_outside();
	if (set_up(birth, &stdio, sync, program, &failure) < 0)
		newborn_fail(sync, &failure);
	if (spec->wait_for_attach && sync_expect(sync, SYNC_GO, NULL, &failure) < 0)
		newborn_fail(sync, &failure);
	/* Without its monitor a container has no log, no ports and nobody who waits for it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (spec->init)
		process_exec_init(&spec->process, program, &failure);
	else
		process_exec(&spec->process, program, &failure);
	newborn_fail(sync, &failure);
}

struct join {
	const char *name;
	int type;
};

static int join_one(const struct namespace_spec *namespace, const struct join *join, struct failure *failure)
{
	CLEANUP_FD int target = -1;

	if (namespace->kind != NAMESPACE_JOIN)
		return 0;
	target = process_open(&namespace->target);
	if (target < 0)
		return fail(failure, "join", join->name, errno);
	/* Rootless, the other container's namespaces belong to its user namespace. Being in it already is EINVAL. */
	if (holder.rootless && setns(target, CLONE_NEWUSER) < 0 && errno != EINVAL)
		return fail(failure, "join", "user namespace", errno);
	return setns(target, join->type) < 0 ? fail(failure, "join", join->name, errno) : 0;
}

/* Born in another container's namespaces: they are joined by a process in between. */
static void joiner(const void *argument, int sync)
{
	static const struct join network = { "network namespace", CLONE_NEWNET }, ipc = { "ipc namespace", CLONE_NEWIPC },
				 pid = { "pid namespace", CLONE_NEWPID };
	const struct monitor_spec *spec = ((const struct birth *)argument)->spec;
	struct failure failure = { 0 };

	session_forget_outside();
	if (join_one(&spec->network_namespace, &network, &failure) < 0 || join_one(&spec->ipc, &ipc, &failure) < 0 ||
	    join_one(&spec->pid, &pid, &failure) < 0)
		newborn_fail(sync, &failure);
	newborn_succeed(&(struct succession){ .flags = clone_flags(spec), .cgroup = -1 }, first_process, argument, sync);
}

int container_clone(struct birth *birth, struct newborn *newborn, struct failure *failure)
{
	const struct monitor_spec *spec = birth->spec;

	if (!container_joins(spec))
		return newborn_clone(newborn, clone_flags(spec), first_process, birth, failure);
	if (newborn_clone(newborn, 0, joiner, birth, failure) < 0)
		return -1;
	return newborn_adopt(newborn, failure);
}
