/* Role `exec`: one more process in a running container. */
#include "attach.h"
#include "cgroup.h"
#include "container.h"
#include "exec.h"
#include "journal.h"
#include "process_setup.h"
#include "roles.h"
#include "rootfs.h"
#include "supervise.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	struct exec_spec spec;
	struct newborn newborn;
	struct failure failure;
	struct process_identity process;
	char attach_path[PATH_MAX];
	int target;
	/* CLONE_NEW* of what has to be joined. */
	int namespaces;
	/* The v2 group of the container, or -1. */
	int birthplace;
} self = { .newborn = NEWBORN_NONE, .target = -1, .birthplace = -1 };

static int prepare(struct stdio *stdio, int sync, char *program, struct failure *failure)
{
	struct sync_message ready = { .kind = SYNC_READY };
	const struct process_spec *process = &self.spec.process;
	int master = -1, slave = -1;

	if (sync_expect(sync, SYNC_MAPPED, NULL, failure) < 0 || become_id_zero(failure) < 0)
		return -1;
	if (process->tty) {
		CLEANUP_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		master = terminal_open(root, process, &slave, failure);
		if (master < 0)
			return -1;
		*stdio = (struct stdio){ { slave, slave, slave } };
	}
	if (process_prepare(process, stdio, failure) < 0 || process_find(process, program, failure) < 0)
		return -1;
	return sync_send(sync, &ready, master) < 0 ? fail(failure, "ready", NULL, errno) : 0;
}

static void program_process(const void *argument, int sync)
{
	struct stdio stdio = *(const struct stdio *)argument;
	struct failure failure = { 0 };
	char program[PATH_MAX];

	if (prepare(&stdio, sync, program, &failure) < 0)
		newborn_fail(sync, &failure);
	if (self.spec.wait_for_attach && sync_expect(sync, SYNC_GO, NULL, &failure) < 0)
		newborn_fail(sync, &failure);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	process_exec(&self.spec.process, program, &failure);
	newborn_fail(sync, &failure);
}

struct joinable {
	const char *name;
	int flag;
};

static const struct joinable joinables[] = {
	{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },  { "pid", CLONE_NEWPID },	   { "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },   { "net", CLONE_NEWNET }, { "cgroup", CLONE_NEWCGROUP },
};

static int same_namespace(const char *name, pid_t pid)
{
	char path[40];
	struct stat own, other;

	snprintf(path, sizeof path, "/proc/self/ns/%s", name);
	if (stat(path, &own) < 0)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
	return stat(path, &other) == 0 && own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

/*
 * The namespaces of `pid` that are not ours already: those that a container shares with the holder belong to no user
 * namespace that the joiner has rights in once it is inside (setns(2), EPERM). A pid that was used again only makes
 * the choice wrong; what is joined is the pidfd's.
 */
static int namespaces_to_join(pid_t pid)
{
	int flags = 0;

	for (size_t i = 0; i < sizeof joinables / sizeof *joinables; i++)
		if (!same_namespace(joinables[i].name, pid))
			flags |= joinables[i].flag;
	return flags;
}

/* Every namespace at once: the kernel checks all before it changes any, and all against what we may now. */
static void joiner(const void *argument, int sync)
{
	struct failure failure = { 0 };

	/* Never dumpable inside: a process there with CAP_SYS_PTRACE must not get at our memory (CVE-2016-9962). */
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NAME, "sampan-init");
	if (setns(self.target, self.namespaces) < 0) {
		fail(&failure, "join", "container", errno);
		newborn_fail(sync, &failure);
	}
	newborn_succeed(&(struct succession){ .cgroup = self.birthplace }, program_process, argument, sync);
}

static int open_birthplace(void)
{
	for (size_t i = 0; i < self.spec.cgroups.count; i++)
		if (cgroup_is_unified(self.spec.cgroups.items[i]))
			return open(self.spec.cgroups.items[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return -1;
}

static int enter_groups(struct failure *failure)
{
	for (size_t i = 0; i < self.spec.cgroups.count; i++) {
		const char *group = self.spec.cgroups.items[i];
		if (self.newborn.in_cgroup && cgroup_is_unified(group))
			continue;
		if (cgroup_enter(group, self.newborn.pid, failure) < 0)
			return -1;
	}
	return 0;
}

static int find_container(struct failure *failure)
{
	self.target = process_open(&self.spec.container);
	if (self.target < 0)
		return fail(failure, "join", "container", errno);
	self.namespaces = namespaces_to_join(self.spec.container.pid);
	return 0;
}

/* Clone it with its streams; it waits for SYNC_MAPPED then. */
static int clone_program(struct stdio *theirs, struct failure *failure)
{
	int result;

	/* Inherited by the process to come. */
	if (oom_score_write(&self.spec.process, getpid(), failure) < 0)
		return -1;
	self.birthplace = open_birthplace();
	result = newborn_clone(&self.newborn, 0, joiner, theirs, failure);
	close_owned(&self.birthplace);
	return result;
}

/* It is in its namespaces: the groups, and on. */
static int send_on(struct failure *failure)
{
	if (newborn_adopt(&self.newborn, failure) < 0 || enter_groups(failure) < 0)
		return -1;
	return sync_tell(self.newborn.sync, SYNC_MAPPED, failure);
}

static int start(struct failure *failure)
{
	struct supervise_options options = {
		.tty = self.spec.process.tty,
		.open_stdin = self.spec.open_stdin,
		.stdin_once = 1,
		.wait_for_attach = self.spec.wait_for_attach,
		.attach_path = self.attach_path,
	};
	struct stdio theirs;
	int result;

	if (find_container(failure) < 0 || supervise_open(&options, &theirs, failure) < 0)
		return -1;
	result = clone_program(&theirs, failure);
	supervise_close_theirs(&theirs);
	if (result < 0 || supervise_listen(failure) < 0 || send_on(failure) < 0)
		return -1;
	if (supervise_wait_ready(&self.newborn, failure) < 0)
		return -1;
	if (process_identify(self.newborn.pid, &self.process) < 0)
		return fail(failure, "join", "container", errno);
	return self.spec.wait_for_attach ? 0 : supervise_go(&self.newborn, failure);
}

int exec_to_end(const struct exec_spec *spec, struct stdio *stdio, struct failure *failure)
{
	siginfo_t ended;

	self.spec = *spec;
	if (find_container(failure) < 0 || clone_program(stdio, failure) < 0 || send_on(failure) < 0)
		return -1;
	if (sync_expect(self.newborn.sync, SYNC_READY, NULL, failure) < 0 || supervise_go(&self.newborn, failure) < 0)
		return -1;
	while (waitid(P_PIDFD, (id_t)self.newborn.pidfd, &ended, WEXITED) < 0)
		if (errno != EINTR)
			return fail(failure, "wait", NULL, errno);
	return supervise_exit_code(&ended);
}

static int start_late(void)
{
	return self.spec.wait_for_attach ? supervise_go(&self.newborn, &self.failure) : 0;
}

static void answer(int fd)
{
	struct wire_fields fields = { 0 };

	wire_add_identity(&fields, "process", &self.process);
	wire_add(&fields, "attachSocket", self.attach_path);
	wire_write_fields(fd, WIRE_RESULT, &fields);
	wire_fields_free(&fields);
	close(fd);
}

static void tell_end(int code)
{
	const struct exec_spec *spec = &self.spec;
	const struct journal journal = { spec->journal, spec->id, spec->actor, spec->directory };
	char attributes[128];

	snprintf(attributes, sizeof attributes, "\"execID\":\"%s\",\"exitCode\":\"%d\"", spec->name, code);
	journal_append(&journal, "exec_die", attributes);
}

int exec_main(int fd, const struct wire_message *first)
{
	siginfo_t ended;
	int code;

	setsid();
	if (spec_parse_exec(first, &self.spec, &self.failure) < 0) {
		wire_write_error(fd, self.failure.step, self.failure.path, self.failure.error);
		return 1;
	}
	snprintf(self.attach_path, sizeof self.attach_path, "%s/%s.sock", self.spec.run_directory, self.spec.name);
	if (start(&self.failure) < 0) {
		if (self.newborn.pidfd >= 0)
			pidfd_send_signal(self.newborn.pidfd, SIGKILL, NULL, 0);
		unlink(self.attach_path);
		wire_write_error(fd, self.failure.step, self.failure.path, self.failure.error);
		return 1;
	}
	answer(fd);
	supervise_run(&self.newborn, start_late, &ended);
	code = self.failure.error ? supervise_failed_code(&self.failure) : supervise_exit_code(&ended);
	tell_end(code);
	unlink(self.attach_path);
	attach_close_listener();
	supervise_tell_exit(code, &self.failure);
	supervise_finish();
	return 0;
}
