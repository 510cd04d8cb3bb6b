/* While a command runs: its output is written here, its input read, signals passed on. */
#include "front.h"

#include "core/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK (64 * 1024)

/* What a Node program can listen for and users send to it. */
static const int relayed[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCONT };

static struct {
	int server;
	/* Signals arrive here as bytes. */
	int signals[2];
	/* The server waits for some of stdin. */
	int reading;
	/* Something of the command may have been done. */
	int accepted;
	/* The last that was passed on, or 0. */
	uint8_t passed;
} self;

static void on_signal(int number)
{
	uint8_t byte = (uint8_t)number;
	int saved = errno;

	if (write(self.signals[1], &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(self.signals, O_CLOEXEC | O_NONBLOCK) < 0)
		_exit(125);
	for (size_t i = 0; i < sizeof relayed / sizeof *relayed; i++)
		sigaction(relayed[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void release_signals(void)
{
	for (size_t i = 0; i < sizeof relayed / sizeof *relayed; i++)
		signal(relayed[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

/* A server that does not take it is gone, which reading from it tells. */
static void tell(enum front_type type, const void *data, size_t size)
{
	wire_write(self.server, (enum wire_type)type, data, size);
}

static void pass_signals(void)
{
	uint8_t number;

	while (read(self.signals[0], &number, 1) == 1) {
		self.passed = number;
		tell(FRONT_SIGNAL, &number, 1);
	}
}

/* The stream may be somebody's who made it non-blocking. */
static void wait_for_room(int fd)
{
	struct pollfd waiting[2] = { { .fd = fd, .events = POLLOUT }, { .fd = self.signals[0], .events = POLLIN } };

	poll(waiting, 2, -1);
}

static void write_out(uint8_t fd, const struct wire_message *message)
{
	for (size_t at = 0; at < message->size;) {
		ssize_t put = write(fd, message->data + at, message->size - at);

		pass_signals();
		if (put > 0) {
			at += (size_t)put;
		} else if (put < 0 && errno == EAGAIN) {
			wait_for_room(fd);
		} else if (put < 0 && errno != EINTR) {
			tell(FRONT_BROKEN, &fd, 1);
			return;
		}
	}
}

static void read_in(void)
{
	static uint8_t chunk[CHUNK];
	ssize_t got = read(0, chunk, sizeof chunk);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	self.reading = 0;
	tell(FRONT_STDIN, chunk, got > 0 ? (size_t)got : 0);
}

/* As if nobody had caught it. */
static void take_default(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

_Noreturn static void lost(void)
{
	fputs("sampan: The command server has ended before the command did.\n"
	      "What was begun goes on or is undone: see `sampan ps -a`. With SAMPAN_FRONT=0 no server is used.\n",
	      stderr);
	_exit(125);
}

/* 1 when the server declines. */
static int obey(const struct wire_message *message)
{
	uint8_t byte = message->size ? message->data[0] : 0;

	switch ((int)message->type) {
	case FRONT_ACCEPT:
		self.accepted = 1;
		break;
	case FRONT_STDOUT:
	case FRONT_STDERR:
		write_out(message->type == FRONT_STDOUT ? 1 : 2, message);
		break;
	case FRONT_READ:
		self.reading = 1;
		break;
	case FRONT_DEFAULT:
		take_default(byte);
		break;
	case FRONT_EXIT:
		_exit(byte);
	case FRONT_DECLINE:
		return 1;
	default:
		lost();
	}
	return 0;
}

void relay(int server)
{
	int declined = 0;

	self.server = server;
	catch_signals();
	while (!declined) {
		struct pollfd polled[3] = {
			{ .fd = server, .events = POLLIN },
			{ .fd = self.signals[0], .events = POLLIN },
			{ .fd = self.reading ? 0 : -1, .events = POLLIN },
		};
		struct wire_message message;

		if (poll(polled, 3, -1) < 0)
			continue;
		pass_signals();
		if (polled[2].revents)
			read_in();
		if (!polled[0].revents)
			continue;
		if (wire_read(server, &message) != 1) {
			if (!self.accepted)
				break;
			lost();
		}
		declined = obey(&message);
		wire_message_free(&message);
	}
	close(server);
	release_signals();
	if (self.passed)
		raise(self.passed);
}
