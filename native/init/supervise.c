#include "supervise.h"

#include "attach.h"
#include "buffer.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "sync.h"

#include "core/errno_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK (64 * 1024)
#define PIPE_BYTES (256 * 1024)
#define INPUT_MAX (64 * 1024)
#define ATTACH_WAIT_MS 30000
#define ONLOOKER_WAIT_MS 5000

struct output {
	struct loop_source source;
	enum attach_stream stream;
};

static struct {
	struct supervise_options options;
	struct output outputs[2];
	int output_count;
	struct loop_source input;
	struct buffer pending;
	int input_ended;
	struct loop_source process;
	int ended;
	siginfo_t info;
	int (*started)(void);
	int sync;
} self = { .input = { .fd = -1 }, .process = { .fd = -1 }, .outputs = { { .source = { .fd = -1 } }, { .source = { .fd = -1 } } } };

/* ---- output ---- */

static void watch_outputs(void)
{
	uint32_t events = self.ended || attach_has_room() ? EPOLLIN : 0;

	if (self.options.tty && buffer_size(&self.pending))
		events |= EPOLLOUT;

	for (int i = 0; i < 2; i++)
		if (self.outputs[i].source.fd >= 0)
			loop_change(&self.outputs[i].source, events);
}

static void close_output(struct output *output)
{
	/* A terminal is one descriptor for both ways. */
	if (self.options.tty)
		self.input.fd = -1;
	loop_close(&output->source);
	self.output_count--;
}

/* 1 when something was read. */
static int read_output(struct output *output)
{
	static uint8_t chunk[CHUNK];
	ssize_t got = read(output->source.fd, chunk, sizeof chunk);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* EIO is how a terminal says that its last user closed it, ioctl_tty(2). */
	if (got <= 0) {
		close_output(output);
		return 0;
	}
	log_write(output->stream == ATTACH_STDOUT ? LOG_STDOUT : LOG_STDERR, chunk, (size_t)got);
	attach_output(output->stream, chunk, (size_t)got);
	return 1;
}

static void flush_input(void);

static void run_output(struct loop_source *source, uint32_t events)
{
	struct output *output = (struct output *)source;

	if (events & EPOLLOUT)
		flush_input();
	if (source->fd >= 0 && (events & ~(uint32_t)EPOLLOUT))
		read_output(output);
	if (source->fd >= 0)
		watch_outputs();
}

/* ---- input ---- */

static void close_input(void)
{
	buffer_free(&self.pending);
	if (!self.options.tty)
		loop_close(&self.input);
}

static void flush_input(void)
{
	if (self.input.fd < 0) {
		buffer_free(&self.pending);
		return;
	}
	if (buffer_write(&self.pending, self.input.fd) < 0) {
		/* The process closed its stdin: what is written to it goes nowhere, as in any pipe. */
		close_input();
	} else if (buffer_size(&self.pending) == 0 && self.input_ended) {
		close_input();
	} else if (!self.options.tty) {
		loop_change(&self.input, buffer_size(&self.pending) ? EPOLLOUT : 0);
	} else if (buffer_size(&self.pending)) {
		loop_change(&self.outputs[0].source, self.outputs[0].source.events | EPOLLOUT);
	}
	attach_pause_input(buffer_size(&self.pending) > INPUT_MAX);
}

static void run_input(struct loop_source *source, uint32_t events)
{
	(void)source;
	if (events & EPOLLERR)
		close_input();
	else
		flush_input();
}

static void on_input(const uint8_t *data, size_t size)
{
	if (self.input.fd < 0 || self.input_ended)
		return;
	buffer_add(&self.pending, data, size);
	flush_input();
}

static void on_input_end(void)
{
	if (self.options.tty)
		return;
	self.input_ended = 1;
	flush_input();
}

static void on_resize(unsigned short rows, unsigned short columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	if (self.options.tty && self.outputs[0].source.fd >= 0)
		ioctl(self.outputs[0].source.fd, TIOCSWINSZ, &size);
}

static void on_signal(int number)
{
	if (self.process.fd >= 0)
		pidfd_send_signal(self.process.fd, number, NULL, 0);
}

static void on_joined(void)
{
	int (*started)(void) = self.started;

	self.started = NULL;
	if (started) {
		loop_timer(0, NULL);
		started();
	}
}

static void on_writer_left(void)
{
	if (self.options.stdin_once)
		on_input_end();
}

static const struct attach_events events = {
	.input = on_input,
	.input_end = on_input_end,
	.resize = on_resize,
	.signal = on_signal,
	.joined = on_joined,
	.writer_left = on_writer_left,
	.room = watch_outputs,
};

/* ---- opening ---- */

static int open_pipe(int *ours, int *theirs, int ours_reads)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	/* Fewer wake-ups for much output; the limit of pipe pages of a user may forbid it. */
	fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES);
	*ours = ends[ours_reads ? 0 : 1];
	*theirs = ends[ours_reads ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static int open_streams(struct stdio *theirs)
{
	if (self.options.open_stdin) {
		if (open_pipe(&self.input.fd, &theirs->fds[0], 0) < 0)
			return -1;
	} else {
		theirs->fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (theirs->fds[0] < 0 || open_pipe(&self.outputs[0].source.fd, &theirs->fds[1], 1) < 0)
		return -1;
	return open_pipe(&self.outputs[1].source.fd, &theirs->fds[2], 1);
}

int supervise_open(const struct supervise_options *options, struct stdio *theirs, struct failure *failure)
{
	self.options = *options;
	self.input_ended = 0;
	self.ended = 0;
	*theirs = (struct stdio){ { -1, -1, -1 } };
	self.outputs[0].stream = ATTACH_STDOUT;
	self.outputs[1].stream = ATTACH_STDERR;
	loop_init();
	if (!options->tty && open_streams(theirs) < 0)
		return fail(failure, "stdio", NULL, errno);
	return 0;
}

int supervise_listen(struct failure *failure)
{
	if (attach_open(self.options.attach_path, &events) < 0)
		return fail(failure, "attach-socket", self.options.attach_path, errno);
	if (self.options.wait_for_attach)
		attach_expect_foreground();
	return 0;
}

void supervise_close_theirs(struct stdio *theirs)
{
	for (int i = 0; i < 3; i++)
		close_owned(&theirs->fds[i]);
}

int supervise_wait_ready(const struct newborn *newborn, struct failure *failure)
{
	int master = -1;

	if (sync_expect(newborn->sync, SYNC_READY, &master, failure) < 0)
		return -1;
	if (self.options.tty && master < 0)
		return fail(failure, "terminal", NULL, EPROTO);
	if (self.options.tty) {
		fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
		self.outputs[0].source.fd = master;
		self.input.fd = self.options.open_stdin ? master : -1;
	}
	return 0;
}

int supervise_go(const struct newborn *newborn, struct failure *failure)
{
	struct sync_message message = { .kind = SYNC_GO };
	int got;

	/* Somebody killed it while it waited: its exit status says how. */
	if (self.options.wait_for_attach && sync_send(newborn->sync, &message, -1) < 0)
		return errno == EPIPE ? 0 : fail(failure, "exec", NULL, errno);
	got = sync_receive(newborn->sync, &message, NULL);
	if (got == 0)
		return 0;
	if (got < 0)
		return fail(failure, "exec", NULL, errno);
	*failure = message.failure;
	return -1;
}

/* ---- running ---- */

static void run_process(struct loop_source *source, uint32_t loop_events)
{
	(void)loop_events;
	/* Output that is left waits for nobody: no more than what pipes hold can come. */
	if (waitid(P_PIDFD, (id_t)source->fd, &self.info, WEXITED) < 0)
		return;
	self.ended = 1;
	loop_close(source);
	watch_outputs();
}

static void attach_wait_over(void)
{
	on_joined();
}

static void add_sources(const struct newborn *newborn)
{
	for (int i = 0; i < 2; i++) {
		if (self.outputs[i].source.fd < 0)
			continue;
		self.outputs[i].source.run = run_output;
		loop_add(&self.outputs[i].source, EPOLLIN);
		self.output_count++;
	}
	self.input.run = run_input;
	if (!self.options.tty && self.input.fd >= 0)
		loop_add(&self.input, 0);
	self.process = (struct loop_source){ .fd = newborn->pidfd, .run = run_process };
	loop_add(&self.process, EPOLLIN);
}

/* Whatever still holds the other ends (a process of another pid namespace) must not keep us: take what is there. */
static void drain_outputs(void)
{
	for (int i = 0; i < 2; i++) {
		while (self.outputs[i].source.fd >= 0 && read_output(&self.outputs[i]))
			;
		if (self.outputs[i].source.fd >= 0)
			close_output(&self.outputs[i]);
	}
}

void supervise_run(const struct newborn *newborn, int (*started)(void), siginfo_t *ended)
{
	add_sources(newborn);
	self.started = started;
	if (self.options.wait_for_attach)
		loop_timer(ATTACH_WAIT_MS, attach_wait_over);
	else
		on_joined();
	while (!self.ended)
		loop_once();
	drain_outputs();
	close_input();
	log_finish();
	*ended = self.info;
}

int supervise_exit_code(const siginfo_t *ended)
{
	return ended->si_code == CLD_EXITED ? ended->si_status : 128 + ended->si_status;
}

int supervise_failed_code(const struct failure *failure)
{
	if (strcmp(failure->step, "exec") != 0)
		return 125;
	if (failure->error == ENOENT)
		return 127;
	return failure->error == EACCES || failure->error == EISDIR ? 126 : 255;
}

void supervise_tell_exit(int exit_code, const struct failure *failure)
{
	char json[2048];
	struct json_writer writer = { .text = json, .size = sizeof json };

	json_open(&writer, '{');
	json_number(&writer, "exitCode", exit_code);
	if (failure && failure->error) {
		json_key(&writer, "error");
		json_open(&writer, '{');
		json_text(&writer, "step", failure->step);
		json_text(&writer, "errno", errno_name(failure->error));
		json_text(&writer, "path", failure->path);
		json_close(&writer, '}');
	}
	json_close(&writer, '}');
	attach_exit(json);
}

void supervise_finish(void)
{
	loop_timer(ONLOOKER_WAIT_MS, attach_drop_onlookers);
	while (attach_pending())
		loop_once();
}
