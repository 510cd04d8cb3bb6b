/* Role `monitor`: one container from its spec to its exit record. */
#include "attach.h"
#include "birth.h"
#include "cgroup.h"
#include "container.h"
#include "health.h"
#include "holder.h"
#include "idmap.h"
#include "journal.h"
#include "log.h"
#include "net.h"
#include "network.h"
#include "ports.h"
#include "restart.h"
#include "roles.h"
#include "session.h"
#include "state.h"
#include "supervise.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
	struct monitor_spec spec;
	struct container_state state;
	struct newborn newborn;
	struct failure failure;
	struct net_state net;
	char attach_path[PATH_MAX];
	struct journal journal;
	/* When the process was started, CLOCK_BOOTTIME. */
	time_t born_at;
	/* Processes that were killed for lack of memory in earlier runs. */
	int oom_kills;
	struct restart_history restarts;
	/* The runtime folder, locked while mounts of the container may be there. */
	int run_directory;
	/* Its mount namespace. */
	int mounts;
	/* Connection to the server until it has its answer. */
	int connection;
} self = { .newborn = NEWBORN_NONE, .run_directory = -1, .mounts = -1 };

/* The bridge is brought up at every start: it went with the last container, or with a holder. */
static int join_network(struct failure *failure)
{
	const struct network_spec *network = &self.spec.network;
	char gateway[64];
	const struct net_range range = { network->bridge, gateway, network->subnet };

	if (self.spec.network_namespace.kind != NAMESPACE_PRIVATE || !network->bridge)
		return 0;
	if (network->subnet) {
		const char *prefix = strchr(network->subnet, '/');
		snprintf(gateway, sizeof gateway, "%s%s", network->gateway ? network->gateway : "", prefix ? prefix : "");
		if (net_ensure(&range, &self.net, failure) < 0)
			return -1;
	}
	return network_attach(network, self.newborn.pid, failure);
}

/* Creating files takes a disk's file system longer than most of a start: done while the first process builds its tree. */
static int open_records(struct failure *failure)
{
	if (self.restarts.count)
		return 0;
	if (self.spec.log_max_files > 0 &&
	    log_open(self.spec.directory, self.spec.log_max_bytes, self.spec.log_max_files) < 0)
		return fail(failure, "log", self.spec.directory, errno);
	state_reserve(self.state.directory);
	return process_identify(getpid(), &self.state.monitor) < 0 ? fail(failure, "state", "/proc", errno) : 0;
}

/* The folder that holds those of all containers is made by the first one. */
static int make_run_directory(const char *path)
{
	char parent[PATH_MAX];
	char *slash;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	snprintf(parent, sizeof parent, "%s", path);
	slash = strrchr(parent, '/');
	if (errno != ENOENT || slash == parent)
		return -1;
	*slash = 0;
	if (mkdir(parent, 0700) < 0 && errno != EEXIST)
		return -1;
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* Two mounts of one overlay at a time would spoil it: an earlier life's goes with the lock of its monitor. */
static int take_run_directory(struct failure *failure)
{
	const char *path = self.spec.run_directory;

	if (make_run_directory(path) < 0)
		return fail(failure, "run-directory", path, errno);
	self.run_directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (self.run_directory < 0)
		return fail(failure, "run-directory", path, errno);
	while (flock(self.run_directory, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail(failure, "run-directory", path, errno);
	return 0;
}

/* Whoever holds a mount namespace last takes its mounts down: nobody shall wait for that who waits for the process. */
static void drop_mounts(void)
{
	close_owned(&self.mounts);
	close_owned(&self.run_directory);
}

static int map_ids(struct failure *failure)
{
	if (holder.rootless && !container_joins(&self.spec) && idmap_identity(self.newborn.pid, failure) < 0)
		return -1;
	if (cgroups_enter(&self.spec, &self.newborn, failure) < 0)
		return -1;
	if (oom_score_write(&self.spec.process, self.newborn.pid, failure) < 0)
		return -1;
	return sync_tell(self.newborn.sync, SYNC_MAPPED, failure);
}

/* What a run after this one needs too is read here, before the first process is there. */
static int read_content(struct failure *failure)
{
	if (!spec_keeps_content(&self.spec) || self.spec.complete)
		return 0;
	if (take_run_directory(failure) < 0 || spec_read_network(self.connection, &self.spec, failure) < 0)
		return -1;
	return spec_complete_monitor(self.connection, &self.spec, failure);
}

/* Until then the connection is ours to read. */
static int hand_over(struct failure *failure)
{
	if (!self.spec.complete &&
	    (take_run_directory(failure) < 0 || spec_read_network(self.connection, &self.spec, failure) < 0))
		return -1;
	return sync_tell(self.newborn.sync, SYNC_PLACED, failure);
}

static int serve_ports(struct failure *failure)
{
	int inside = -1;

	if (self.spec.port_count == 0)
		return 0;
	if (sync_expect(self.newborn.sync, SYNC_NETWORK, &inside, failure) < 0)
		return -1;
	if (self.restarts.count) {
		ports_resume(inside);
		return 0;
	}
	return ports_serve(&self.spec, inside, failure);
}

/* The first process gets its ids, groups and interface while it builds its file tree. */
static int complete_birth(struct failure *failure)
{
	if (map_ids(failure) < 0 || hand_over(failure) < 0)
		return -1;
	/* The ports stay open between runs. */
	if (!self.restarts.count && ports_open(&self.spec, failure) < 0)
		return -1;
	if (join_network(failure) < 0)
		return -1;
	/* What had to be asked outside is answered; a copy of that socket here would hide the holder's end. */
	session_forget_outside();
	if (sync_tell(self.newborn.sync, SYNC_LINKED, failure) < 0)
		return -1;
	if (supervise_listen(failure) < 0 || open_records(failure) < 0)
		return -1;
	if (sync_expect(self.newborn.sync, SYNC_MOUNTS, &self.mounts, failure) < 0)
		return -1;
	return serve_ports(failure);
}

/* What the first process is born with: its streams, and the groups that it is born in. */
static int open_streams(struct stdio *theirs, struct failure *failure)
{
	struct supervise_options options = {
		.tty = self.spec.process.tty,
		.open_stdin = self.spec.open_stdin,
		.stdin_once = self.spec.stdin_once,
		.wait_for_attach = self.spec.wait_for_attach,
		.attach_path = self.attach_path,
	};

	snprintf(self.attach_path, sizeof self.attach_path, "%s/attach.sock", self.spec.run_directory);
	if (supervise_open(&options, theirs, failure) < 0)
		return -1;
	/* The groups stay between runs, with what was changed in them. */
	return self.restarts.count ? 0 : cgroups_create(&self.spec, failure);
}

static int give_birth(struct failure *failure)
{
	struct birth birth = { .spec = &self.spec, .connection = self.connection, .again = self.restarts.count };
	int result;

	if (read_content(failure) < 0 || open_streams(&birth.stdio, failure) < 0)
		return -1;
	self.newborn.cgroup = container_joins(&self.spec) ? -1 : cgroups_birthplace(&self.spec);
	result = container_clone(&birth, &self.newborn, failure);
	close_owned(&self.newborn.cgroup);
	supervise_close_theirs(&birth.stdio);
	if (result < 0 || complete_birth(failure) < 0 || supervise_wait_ready(&self.newborn, failure) < 0)
		return -1;
	if (process_identify(self.newborn.pid, &self.state.process) < 0)
		return fail(failure, "state", "/proc", errno);
	return self.spec.wait_for_attach ? 0 : supervise_go(&self.newborn, failure);
}

/* Of a birth that failed; nothing for a process that has been waited for. */
static void end_newborn(void)
{
	siginfo_t info;

	if (self.newborn.pidfd < 0)
		return;
	pidfd_send_signal(self.newborn.pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)self.newborn.pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
}

/* Leave nothing behind: process, groups, ports, socket. */
static void clean_up(void)
{
	end_newborn();
	ports_close();
	cgroups_remove(&self.spec);
	state_discard(self.state.directory);
	unlink(self.attach_path);
	drop_mounts();
}

static void answer(void)
{
	struct wire_fields fields = { 0 };
	struct port_spec port;

	wire_add_identity(&fields, "monitor", &self.state.monitor);
	wire_add_identity(&fields, "process", &self.state.process);
	wire_add(&fields, "attachSocket", self.attach_path);
	for (size_t i = 0; ports_get(i, &port); i++) {
		char text[96];
		snprintf(text, sizeof text, "%s %d %d %s", port.host_ip, port.host_port, port.container_port,
			 port.udp ? "udp" : "tcp");
		wire_add(&fields, "port", text);
	}
	for (int i = 0; i < self.net.warning_count; i++)
		wire_add(&fields, "warning", self.net.warnings[i]);
	wire_write_fields(self.connection, WIRE_RESULT, &fields);
	wire_fields_free(&fields);
	close(self.connection);
}

/* The server may still send the rest of the spec: who closed now would take the answer away from it, unix(7). */
static int refuse(void)
{
	char rest[4096];

	/* Without an answer it waits for the end of the connection. */
	if (wire_write_error(self.connection, self.failure.step, self.failure.path, self.failure.error) < 0)
		return 1;
	while (read(self.connection, rest, sizeof rest) > 0)
		;
	return 1;
}

/* After an attacher came: the answer was given long ago, a failure goes into the exit frame and the record. */
static int start_late(void)
{
	if (self.spec.wait_for_attach && supervise_go(&self.newborn, &self.failure) < 0)
		return -1;
	journal_append(&self.journal, "start", "");
	health_begin(&self.spec, &self.state.process, &self.journal);
	return 0;
}

static time_t boot_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

/* Before the record: who waits for that finds the event. */
static void tell_end(void)
{
	char attributes[128];

	if (self.state.oom_killed)
		journal_append(&self.journal, "oom", "");
	snprintf(attributes, sizeof attributes, "\"execDuration\":\"%lld\",\"exitCode\":\"%d\"",
		 (long long)(boot_seconds() - self.born_at), self.state.exit_code);
	journal_append(&self.journal, "die", attributes);
}

static void note_exit(const siginfo_t *ended)
{
	int kills;

	cgroups_adopt(&self.spec);
	kills = cgroups_oom_kills(&self.spec);
	health_end();
	/* Waited for, and closed by who did. */
	self.newborn.pidfd = -1;
	timestamp(self.state.finished_at);
	self.state.exit_code = self.failure.error ? supervise_failed_code(&self.failure) : supervise_exit_code(ended);
	self.state.signal = ended->si_code == CLD_EXITED ? 0 : ended->si_status;
	self.state.oom_killed = kills > self.oom_kills;
	self.oom_kills = kills;
	self.state.failure = &self.failure;
	tell_end();
}

static void record_exit(void)
{
	struct failure ignored;

	ports_close();
	cgroups_remove(&self.spec);
	state_write_exited(&self.state, &ignored);
	unlink(self.attach_path);
	birth_unlend(getpid());
}

/* Attachers get their end, as when a container ends for good: the next run has its own. */
static void leave_run(void)
{
	unlink(self.attach_path);
	attach_close_listener();
	supervise_tell_exit(self.state.exit_code, &self.failure);
	close_owned(&self.mounts);
	self.mounts = -1;
	supervise_finish();
	cgroups_empty(&self.spec);
	ports_pause();
	close_owned(&self.newborn.sync);
	self.newborn = (struct newborn)NEWBORN_NONE;
}

/* 1: it runs again; 0: it is not to, or cannot: why is in `self.failure`. */
static int run_again(void)
{
	const struct restart_policy policy = restart_current(self.spec.directory, &self.spec.restart);
	struct failure ignored;

	/* A program that there is not will not be there the next time either. */
	if (!self.spec.complete || self.failure.error || restart_is_stopped(self.spec.directory) ||
	    !restart_wanted(&policy, &self.restarts, self.state.exit_code, boot_seconds() - self.born_at))
		return 0;
	self.state.restart_count = self.restarts.count;
	state_write_restarting(&self.state, &ignored);
	leave_run();
	if (!restart_wait(self.spec.directory, &self.restarts))
		return 0;
	self.failure = (struct failure){ 0 };
	self.net = (struct net_state){ 0 };
	self.spec.wait_for_attach = 0;
	timestamp(self.state.started_at);
	self.born_at = boot_seconds();
	if (give_birth(&self.failure) < 0 || state_write_running(&self.state, &self.failure) < 0) {
		self.state.exit_code = supervise_failed_code(&self.failure);
		timestamp(self.state.finished_at);
		return 0;
	}
	state_reserve(self.state.directory);
	/* Who stopped it while it was born saw no process to signal. */
	if (restart_is_stopped(self.spec.directory))
		pidfd_send_signal(self.newborn.pidfd, SIGKILL, NULL, 0);
	return 1;
}

int monitor_main(int fd, const struct wire_message *first)
{
	char title[64];
	siginfo_t ended;

	self.connection = fd;
	setsid();
	if (spec_parse_monitor(first, &self.spec, &self.failure) < 0)
		return refuse();
	self.state.directory = self.spec.directory;
	self.journal = (struct journal){ self.spec.journal, self.spec.id, self.spec.actor, self.spec.directory };
	self.born_at = boot_seconds();
	snprintf(title, sizeof title, "sampan-monitor %.12s", self.spec.id);
	process_title(title);
	timestamp(self.state.started_at);
	if (give_birth(&self.failure) < 0 || state_write_running(&self.state, &self.failure) < 0) {
		clean_up();
		return refuse();
	}
	answer();
	birth_lend();
	state_reserve(self.state.directory);
	do {
		supervise_run(&self.newborn, start_late, &ended);
		note_exit(&ended);
	} while (run_again());
	end_newborn();
	record_exit();
	attach_close_listener();
	supervise_tell_exit(self.state.exit_code, &self.failure);
	drop_mounts();
	supervise_finish();
	state_sync(self.state.directory);
	return 0;
}
