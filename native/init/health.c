#include "health.h"

#include "cgroup.h"
#include "exec.h"
#include "json.h"
#include "loop.h"
#include "state.h"
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX 4096
#define RESULTS_MAX 5

enum health_status { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

static const char *const status_names[] = { "starting", "healthy", "unhealthy" };

struct result {
	char started_at[TIMESTAMP_SIZE];
	char ended_at[TIMESTAMP_SIZE];
	int exit_code;
	char *output;
};

static struct {
	const struct monitor_spec *spec;
	const struct journal *journal;
	struct exec_spec exec;
	enum health_status status;
	int streak;
	/* The newest last. */
	struct result results[RESULTS_MAX];
	int count;
	/* When the container started and the running check did, CLOCK_MONOTONIC. */
	long long began_ms;
	long long probed_ms;
	/* The next check, or the end of the time that the running one has. */
	struct loop_source timer;
	/* The process that runs the check, and what the check writes. */
	struct loop_source prober;
	struct loop_source output;
	struct result current;
	size_t output_size;
	int timed_out;
} self = { .timer = { .fd = -1 }, .prober = { .fd = -1 }, .output = { .fd = -1 } };

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A time of 0 would stop the timer. */
static void set_timer(long long milliseconds)
{
	const struct itimerspec time = { .it_value = { .tv_sec = milliseconds / 1000,
						       .tv_nsec = milliseconds % 1000 * 1000000 + 1 } };

	timerfd_settime(self.timer.fd, 0, &time, NULL);
}

/* ---- what is told ---- */

static void put_result(struct json_writer *writer, const struct result *result)
{
	json_open(writer, '{');
	json_text(writer, "start", result->started_at);
	json_text(writer, "end", result->ended_at);
	json_number(writer, "exitCode", result->exit_code);
	json_text(writer, "output", result->output);
	json_close(writer, '}');
}

static void write_record(void)
{
	/* A control character takes six bytes. */
	const size_t size = 512 + (size_t)self.count * (6 * OUTPUT_MAX + 512);
	CLEANUP_FREE char *text = malloc(size);
	struct json_writer writer = { .text = text, .size = size };
	struct failure ignored;

	if (!text)
		return;
	json_open(&writer, '{');
	json_text(&writer, "status", status_names[self.status]);
	json_number(&writer, "failingStreak", self.streak);
	json_key(&writer, "log");
	json_open(&writer, '[');
	for (int i = 0; i < self.count; i++)
		put_result(&writer, &self.results[i]);
	json_close(&writer, ']');
	json_close(&writer, '}');
	replace_file(self.spec->run_directory, "health.json", text, &ignored);
}

static void set_status(enum health_status status)
{
	char action[48];

	if (status == self.status)
		return;
	self.status = status;
	snprintf(action, sizeof action, "health_status: %s", status_names[status]);
	journal_append(self.journal, action, "");
}

/* ---- judging ---- */

static int in_start_period(long long at_ms)
{
	return self.status == HEALTH_STARTING && at_ms - self.began_ms < self.spec->health.start_period_ms;
}

static void keep(const struct result *result)
{
	if (self.count == RESULTS_MAX) {
		free(self.results[0].output);
		memmove(self.results, self.results + 1, (RESULTS_MAX - 1) * sizeof *self.results);
		self.count--;
	}
	self.results[self.count++] = *result;
}

static void judge(const struct result *result)
{
	keep(result);
	if (result->exit_code == 0) {
		self.streak = 0;
		set_status(HEALTH_HEALTHY);
	} else if (!in_start_period(self.probed_ms)) {
		/* It keeps counting: who reads it sees since when. */
		if (++self.streak >= self.spec->health.retries)
			set_status(HEALTH_UNHEALTHY);
	}
	write_record();
}

static void wait_for_next(void)
{
	set_timer(in_start_period(now_ms()) ? self.spec->health.start_interval_ms : self.spec->health.interval_ms);
}

/* ---- a check ---- */

/* 1 when something was read; more than is kept is read all the same, so that the check does not wait. */
static int read_output(void)
{
	char waste[OUTPUT_MAX];
	const size_t room = OUTPUT_MAX - self.output_size;
	ssize_t got = read(self.output.fd, room ? self.current.output + self.output_size : waste,
			   room ? room : sizeof waste);

	if (got <= 0)
		return 0;
	if (room)
		self.output_size += (size_t)got;
	return 1;
}

static void run_output(struct loop_source *source, uint32_t events)
{
	(void)events;
	/* What it left behind may hold the other end: the end of the prober counts, not of the pipe. */
	if (!read_output() && errno != EAGAIN && errno != EINTR)
		loop_change(source, 0);
}

/* A NUL would end the text before its time. */
static void finish_output(void)
{
	for (size_t i = 0; i < self.output_size; i++)
		if (!self.current.output[i])
			self.current.output[i] = ' ';
	self.current.output[self.output_size] = 0;
	if (self.timed_out)
		snprintf(self.current.output, OUTPUT_MAX, "Health check exceeded timeout (%lld ms)",
			 self.spec->health.timeout_ms);
}

static void run_prober(struct loop_source *source, uint32_t events)
{
	siginfo_t info;

	(void)events;
	if (waitid(P_PIDFD, (id_t)source->fd, &info, WEXITED) < 0)
		return;
	while (read_output())
		;
	loop_close(source);
	loop_close(&self.output);
	timestamp(self.current.ended_at);
	/* The prober ends by a signal when the check could not be run, or took too long. */
	self.current.exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
	finish_output();
	judge(&self.current);
	self.current.output = NULL;
	wait_for_next();
}

/* Alone in a child of the monitor: whatever the container does to a check, the monitor goes on. */
static _Noreturn void probe(int output)
{
	struct stdio stdio = { { open("/dev/null", O_RDONLY | O_CLOEXEC), output, output } };
	struct failure failure = { 0 };
	int code;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "sampan-health");
	code = exec_to_end(&self.exec, &stdio, &failure);
	if (code >= 0)
		_exit(code);
	dprintf(output, "The check cannot be run: %s %s: %s\n", failure.step, failure.path, strerror(failure.error));
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* Nothing of the monitor's: an attacher or a port that it closes must be closed. Standard streams are /dev/null. */
static int leave_descriptors(int output)
{
	const int kept = 3;

	if (output != kept && dup2(output, kept) < 0)
		return -1;
	close_range(kept + 1, ~0U, 0);
	return fcntl(kept, F_SETFD, FD_CLOEXEC) < 0 ? -1 : kept;
}

static void begin_check(void)
{
	int ends[2];
	pid_t pid;

	self.current = (struct result){ .output = malloc(OUTPUT_MAX + 1) };
	if (!self.current.output || pipe2(ends, O_CLOEXEC) < 0) {
		free(self.current.output);
		wait_for_next();
		return;
	}
	self.output_size = 0;
	self.timed_out = 0;
	self.probed_ms = now_ms();
	timestamp(self.current.started_at);
	pid = fork();
	if (pid == 0) {
		int output = leave_descriptors(ends[1]);
		if (output < 0)
			_exit(1);
		probe(output);
	}
	close(ends[1]);
	self.prober = (struct loop_source){ .fd = pid < 0 ? -1 : pidfd_open(pid, 0), .run = run_prober };
	if (self.prober.fd < 0) {
		close(ends[0]);
		free(self.current.output);
		wait_for_next();
		return;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	self.output = (struct loop_source){ .fd = ends[0], .run = run_output };
	loop_add(&self.output, EPOLLIN);
	loop_add(&self.prober, EPOLLIN);
	set_timer(self.spec->health.timeout_ms);
}

/* Of a paused container nothing is asked, and what was asked when it was paused may take its time. */
static void run_timer(struct loop_source *source, uint32_t events)
{
	uint64_t expirations;

	(void)events;
	if (read(source->fd, &expirations, sizeof expirations) < 0)
		return;
	if (cgroups_frozen(self.spec)) {
		set_timer(self.prober.fd >= 0 ? self.spec->health.timeout_ms : self.spec->health.interval_ms);
	} else if (self.prober.fd >= 0) {
		self.timed_out = 1;
		pidfd_send_signal(self.prober.fd, SIGKILL, NULL, 0);
	} else {
		begin_check();
	}
}

/* ---- begin and end ---- */

static void describe_check(const struct process_identity *process)
{
	const struct monitor_spec *spec = self.spec;

	self.exec = (struct exec_spec){ .container = *process, .process = spec->process };
	self.exec.process.args = spec->health.args;
	self.exec.process.tty = 0;
	for (size_t i = 0; i < spec->cgroup_count; i++)
		if (spec->cgroups[i].enter)
			text_list_add(&self.exec.cgroups, spec->cgroups[i].path);
}

void health_begin(const struct monitor_spec *spec, const struct process_identity *process, const struct journal *journal)
{
	if (spec->health.args.count == 0)
		return;
	self.spec = spec;
	self.journal = journal;
	self.status = HEALTH_STARTING;
	self.streak = 0;
	while (self.count > 0)
		free(self.results[--self.count].output);
	self.began_ms = now_ms();
	free(self.exec.cgroups.items);
	describe_check(process);
	write_record();
	self.timer = (struct loop_source){ .fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), .run = run_timer };
	if (self.timer.fd < 0)
		return;
	loop_add(&self.timer, EPOLLIN);
	wait_for_next();
}

void health_end(void)
{
	siginfo_t info;

	loop_close(&self.timer);
	if (self.prober.fd < 0)
		return;
	/* A frozen one ends all the same: it stands in no group of the container. */
	pidfd_send_signal(self.prober.fd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)self.prober.fd, &info, WEXITED) < 0 && errno == EINTR)
		;
	loop_close(&self.prober);
	loop_close(&self.output);
	free(self.current.output);
	self.current.output = NULL;
}
