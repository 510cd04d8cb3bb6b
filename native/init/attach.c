#include "attach.h"

#include "buffer.h"
#include "loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define HEADER 8
#define QUEUE_MAX (256u * 1024u)
/* Largest output frame: one read of the process's output. */
#define FRAME_MAX (HEADER + 64u * 1024u)
#define ATTACHERS_MAX 64

struct attacher {
	struct loop_source source;
	struct attacher *next;
	struct buffer queue;
	/* Gets every byte. */
	int foreground;
	int wrote;
	int leaving;
	/* All of it, the end included. */
	int told_all;
	unsigned long long skipped;
	/* The frame being received. */
	uint8_t header[HEADER];
	size_t header_size;
	size_t left;
	uint8_t payload[4];
	size_t payload_size;
};

static struct {
	struct loop_source listener;
	const struct attach_events *events;
	struct attacher *first;
	int count;
	int expect_foreground;
	int input_paused;
	int unbounded;
} server = { .listener = { .fd = -1 } };

static void put_header(uint8_t *header, enum attach_stream stream, size_t size)
{
	memset(header, 0, HEADER);
	header[0] = (uint8_t)stream;
	header[4] = (uint8_t)(size >> 24);
	header[5] = (uint8_t)(size >> 16);
	header[6] = (uint8_t)(size >> 8);
	header[7] = (uint8_t)size;
}

static void update(struct attacher *attacher)
{
	uint32_t events = server.input_paused || attacher->leaving ? 0 : EPOLLIN | EPOLLRDHUP;

	if (attacher->told_all)
		events = EPOLLIN | EPOLLRDHUP;
	if (buffer_size(&attacher->queue) > 0)
		events |= EPOLLOUT;
	loop_change(&attacher->source, events);
}

/* A socket closed with unread bytes ends with ECONNRESET at the other side instead of an end. */
static void discard_input(int fd)
{
	char waste[4096];

	for (int i = 0; i < 64 && recv(fd, waste, sizeof waste, MSG_DONTWAIT) > 0; i++)
		;
}

static void drop(struct attacher *attacher)
{
	int wrote = attacher->wrote, foreground = attacher->foreground;

	for (struct attacher **at = &server.first; *at; at = &(*at)->next) {
		if (*at != attacher)
			continue;
		*at = attacher->next;
		break;
	}
	server.count--;
	discard_input(attacher->source.fd);
	loop_close(&attacher->source);
	buffer_free(&attacher->queue);
	free(attacher);
	if (wrote)
		server.events->writer_left();
	if (foreground)
		server.events->room();
}

static void queue_frame(struct attacher *attacher, enum attach_stream stream, const void *data, size_t size)
{
	uint8_t header[HEADER];

	put_header(header, stream, size);
	buffer_add(&attacher->queue, header, sizeof header);
	buffer_add(&attacher->queue, data, size);
}

static void tell_skipped(struct attacher *attacher)
{
	char text[128];
	int size;

	if (!attacher->skipped)
		return;
	size = snprintf(text, sizeof text, "\n[%llu bytes of output skipped: this reader was too slow]\n",
			attacher->skipped);
	attacher->skipped = 0;
	queue_frame(attacher, ATTACH_STDERR, text, (size_t)size);
}

/* It closes first: whoever still writes to a socket that was closed (EPIPE) may never read what came before. */
static void finish_telling(struct attacher *attacher)
{
	shutdown(attacher->source.fd, SHUT_WR);
	attacher->told_all = 1;
}

static int send_queue(struct attacher *attacher)
{
	if (buffer_write(&attacher->queue, attacher->source.fd) < 0)
		return -1;
	/* Once there is room again, say what is missing. */
	if (buffer_size(&attacher->queue) <= QUEUE_MAX / 2)
		tell_skipped(attacher);
	if (attacher->leaving && buffer_size(&attacher->queue) == 0)
		finish_telling(attacher);
	return 0;
}

static int accepts(const struct attacher *attacher, size_t size)
{
	return attacher->foreground || server.unbounded || buffer_size(&attacher->queue) + HEADER + size <= QUEUE_MAX;
}

void attach_output(enum attach_stream stream, const uint8_t *data, size_t size)
{
	struct attacher *next;

	for (struct attacher *attacher = server.first; attacher; attacher = next) {
		next = attacher->next;
		if (!accepts(attacher, size)) {
			attacher->skipped += size;
			continue;
		}
		queue_frame(attacher, stream, data, size);
		if (send_queue(attacher) < 0)
			drop(attacher);
		else
			update(attacher);
	}
}

int attach_has_room(void)
{
	for (const struct attacher *attacher = server.first; attacher; attacher = attacher->next)
		if (attacher->foreground && buffer_size(&attacher->queue) + FRAME_MAX > QUEUE_MAX)
			return 0;
	return 1;
}

static void handle_short_frame(struct attacher *attacher)
{
	const uint8_t *bytes = attacher->payload;

	if (attacher->header[0] == ATTACH_RESIZE && attacher->payload_size == 4)
		server.events->resize((unsigned short)(bytes[0] << 8 | bytes[1]), (unsigned short)(bytes[2] << 8 | bytes[3]));
	else if (attacher->header[0] == ATTACH_SIGNAL && attacher->payload_size == 1)
		server.events->signal(bytes[0]);
	else if (attacher->header[0] == ATTACH_STDIN_END)
		server.events->input_end();
}

static size_t take_header(struct attacher *attacher, const uint8_t *data, size_t size)
{
	size_t taken = HEADER - attacher->header_size;

	if (taken > size)
		taken = size;
	memcpy(attacher->header + attacher->header_size, data, taken);
	attacher->header_size += taken;
	if (attacher->header_size == HEADER) {
		const uint8_t *length = attacher->header + 4;
		attacher->left = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
		attacher->payload_size = 0;
	}
	return taken;
}

static void take_payload(struct attacher *attacher, const uint8_t *data, size_t size)
{
	if (attacher->header[0] == ATTACH_STDIN) {
		attacher->wrote = 1;
		server.events->input(data, size);
	} else {
		/* Frames of other kinds are at most four bytes; the rest of a longer one is read and ignored. */
		size_t room = sizeof attacher->payload - attacher->payload_size;
		size_t taken = size < room ? size : room;
		memcpy(attacher->payload + attacher->payload_size, data, taken);
		attacher->payload_size += taken;
	}
	attacher->left -= size;
}

static void receive(struct attacher *attacher, const uint8_t *data, size_t size)
{
	while (size > 0) {
		size_t taken;
		if (attacher->header_size < HEADER) {
			taken = take_header(attacher, data, size);
		} else {
			taken = attacher->left < size ? attacher->left : size;
			take_payload(attacher, data, taken);
		}
		data += taken;
		size -= taken;
		if (attacher->header_size == HEADER && attacher->left == 0) {
			attacher->header_size = 0;
			handle_short_frame(attacher);
		}
	}
}

static int read_frames(struct attacher *attacher)
{
	uint8_t chunk[16 * 1024];
	ssize_t got = read(attacher->source.fd, chunk, sizeof chunk);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (got == 0)
		return -1;
	if (!attacher->told_all)
		receive(attacher, chunk, (size_t)got);
	return 0;
}

static void run_attacher(struct loop_source *source, uint32_t events)
{
	struct attacher *attacher = (struct attacher *)source;
	int foreground = attacher->foreground;
	int broken = 0;

	if (events & EPOLLIN && (!attacher->leaving || attacher->told_all))
		broken = read_frames(attacher) < 0;
	else if (events & (EPOLLHUP | EPOLLERR))
		broken = 1;
	if (!broken && events & EPOLLOUT)
		broken = send_queue(attacher) < 0;
	if (broken) {
		drop(attacher);
		return;
	}
	update(attacher);
	if (foreground && events & EPOLLOUT)
		server.events->room();
}

static void run_listener(struct loop_source *source, uint32_t events)
{
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct attacher *attacher;

	(void)events;
	if (fd < 0)
		return;
	attacher = server.count < ATTACHERS_MAX ? calloc(1, sizeof *attacher) : NULL;
	if (!attacher) {
		close(fd);
		return;
	}
	attacher->source = (struct loop_source){ .fd = fd, .run = run_attacher };
	attacher->foreground = server.expect_foreground;
	server.expect_foreground = 0;
	attacher->next = server.first;
	server.first = attacher;
	server.count++;
	loop_add(&attacher->source, 0);
	update(attacher);
	server.events->joined();
}

int attach_open(const char *path, const struct attach_events *events)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	server.events = events;
	if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	unlink(path);
	/* The folder is closed to others (0700); so is the socket itself, in case somebody opens the folder. */
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0600) < 0 || listen(fd, SOMAXCONN) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	server.expect_foreground = 0;
	server.input_paused = 0;
	server.unbounded = 0;
	server.listener = (struct loop_source){ .fd = fd, .run = run_listener };
	loop_add(&server.listener, EPOLLIN);
	return 0;
}

void attach_expect_foreground(void)
{
	server.expect_foreground = 1;
}

void attach_pause_input(int paused)
{
	server.input_paused = paused;
	for (struct attacher *attacher = server.first; attacher; attacher = attacher->next)
		update(attacher);
}

void attach_close_listener(void)
{
	/* Whoever connected before the end still gets its exit frame. */
	if (server.listener.fd >= 0) {
		int before;
		do {
			before = server.count;
			run_listener(&server.listener, EPOLLIN);
		} while (server.count > before);
	}
	loop_close(&server.listener);
	server.unbounded = 1;
}

void attach_exit(const char *json)
{
	struct attacher *next;

	for (struct attacher *attacher = server.first; attacher; attacher = next) {
		next = attacher->next;
		attacher->wrote = 0;
		attacher->leaving = 1;
		tell_skipped(attacher);
		queue_frame(attacher, ATTACH_EXIT, json, strlen(json));
		if (send_queue(attacher) < 0)
			drop(attacher);
		else
			update(attacher);
	}
}

int attach_pending(void)
{
	return server.count;
}

void attach_drop_onlookers(void)
{
	struct attacher *next;

	for (struct attacher *attacher = server.first; attacher; attacher = next) {
		next = attacher->next;
		if (!attacher->foreground || attacher->told_all)
			drop(attacher);
	}
}
