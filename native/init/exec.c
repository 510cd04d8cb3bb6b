/* Role `exec`: one more process in a running container. */
#include "attach.h"
#include "cgroup.h"
#include "container.h"
#include "holder.h"
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
#include <sys/wait.h>
#include <unistd.h>

static struct {
	struct exec_spec spec;
	struct newborn newborn;
	struct failure failure;
	struct process_identity process;
	char attach_path[PATH_MAX];
	int target;
} self = { .newborn = NEWBORN_NONE, .target = -1 };

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

/* Every namespace at once: the kernel checks all before it changes any, and all against what we may now. */
static void joiner(const void *argument, int sync)
{
	const int all = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP;
	struct failure failure = { 0 };

	/* Never dumpable inside: a process there with CAP_SYS_PTRACE must not get at our memory (CVE-2016-9962). */
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NAME, "sampan-init");
	if (setns(self.target, holder.rootless ? all | CLONE_NEWUSER : all) < 0) {
		fail(&failure, "join", "container", errno);
		newborn_fail(sync, &failure);
	}
	newborn_succeed(0, program_process, argument, sync);
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
	struct sync_message mapped = { .kind = SYNC_MAPPED };
	struct stdio theirs;
	int result;

	self.target = process_open(&self.spec.container);
	if (self.target < 0)
		return fail(failure, "join", "container", errno);
	if (supervise_open(&options, &theirs, failure) < 0)
		return -1;
	/* Inherited by the process to come. */
	if (oom_score_write(&self.spec.process, getpid(), failure) < 0)
		return -1;
	result = newborn_clone(&self.newborn, 0, joiner, &theirs, failure);
	supervise_close_theirs(&theirs);
	if (result < 0 || newborn_adopt(&self.newborn, failure) < 0)
		return -1;
	for (size_t i = 0; i < self.spec.cgroups.count; i++)
		if (cgroup_enter(self.spec.cgroups.items[i], self.newborn.pid, failure) < 0)
			return -1;
	sync_send(self.newborn.sync, &mapped, -1);
	if (supervise_wait_ready(&self.newborn, failure) < 0)
		return -1;
	if (process_identify(self.newborn.pid, &self.process) < 0)
		return fail(failure, "join", "container", errno);
	return self.spec.wait_for_attach ? 0 : supervise_go(&self.newborn, failure);
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
	unlink(self.attach_path);
	attach_close_listener();
	supervise_finish(code, &self.failure);
	return 0;
}
