#include "log.h"

#include "core/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES (16 * 1024)
#define OUT_BYTES (64 * 1024)
/* The longest record: every byte as \u00xx, and what is around it. */
#define RECORD_MAX (LINE_MAX_BYTES * 6 + 128)

/* The beginning of a line whose end has not come yet. */
struct partial {
	uint8_t data[LINE_MAX_BYTES];
	size_t size;
};

static struct {
	int fd;
	char path[4096];
	long long size;
	long long max_bytes;
	int max_files;
	struct partial partial[2];
	/* Records that go out in one write. */
	char out[OUT_BYTES + RECORD_MAX];
	size_t used;
	char time[TIMESTAMP_SIZE];
} log_file = { .fd = -1 };

static int open_file(void)
{
	struct stat info;

	log_file.fd = open(log_file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (log_file.fd < 0)
		return -1;
	log_file.size = fstat(log_file.fd, &info) == 0 ? info.st_size : 0;
	return 0;
}

int log_open(const char *directory, long long max_bytes, int max_files)
{
	if ((size_t)snprintf(log_file.path, sizeof log_file.path, "%s/log", directory) >= sizeof log_file.path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	log_file.max_bytes = max_bytes;
	log_file.max_files = max_files > 1 ? max_files : 1;
	return open_file();
}

/* log.n-1 → log.n, …, log → log.1; with a single file it starts over. */
static void rotate(void)
{
	char from[sizeof log_file.path + 16], to[sizeof log_file.path + 16];

	close(log_file.fd);
	for (int i = log_file.max_files - 1; i >= 1; i--) {
		snprintf(to, sizeof to, "%s.%d", log_file.path, i);
		if (i > 1)
			snprintf(from, sizeof from, "%s.%d", log_file.path, i - 1);
		else
			snprintf(from, sizeof from, "%s", log_file.path);
		rename(from, to);
	}
	if (log_file.max_files == 1)
		unlink(log_file.path);
	open_file();
}

static void flush_records(void)
{
	size_t at = 0;

	while (log_file.fd >= 0 && at < log_file.used) {
		ssize_t wrote = write(log_file.fd, log_file.out + at, log_file.used - at);
		if (wrote < 0 && errno == EINTR)
			continue;
		/* ENOSPC, EDQUOT: these records are lost, none is cut; the program must not stop for its log. */
		if (wrote <= 0) {
			at = ftruncate(log_file.fd, log_file.size) == 0 ? 0 : at;
			break;
		}
		at += (size_t)wrote;
	}
	log_file.size += (long long)at;
	log_file.used = 0;
}

/* Length of the UTF-8 sequence at `data` (RFC 3629), 0 when it is none. */
static size_t sequence(const uint8_t *data, size_t left)
{
	uint8_t first = data[0];
	size_t size = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;

	if (first > 0xf4 || size == 0 || size > left)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((data[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xe0 && data[1] < 0xa0) || (first == 0xed && data[1] > 0x9f) || (first == 0xf0 && data[1] < 0x90) ||
	    (first == 0xf4 && data[1] > 0x8f))
		return 0;
	return size;
}

static int is_plain(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static char *put(char *to, const char *text)
{
	size_t size = strlen(text);

	memcpy(to, text, size);
	return to + size;
}

/* One byte or sequence that is not plain; advances *at. */
static char *escape(char *to, const uint8_t *data, size_t size, size_t *at)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t byte = data[*at];
	size_t length;

	if (byte >= 0x80) {
		length = sequence(data + *at, size - *at);
		if (length == 0) {
			(*at)++;
			return put(to, "\\ufffd");
		}
		memcpy(to, data + *at, length);
		*at += length;
		return to + length;
	}
	(*at)++;
	switch (byte) {
	case '"':
		return put(to, "\\\"");
	case '\\':
		return put(to, "\\\\");
	case '\n':
		return put(to, "\\n");
	case '\r':
		return put(to, "\\r");
	case '\t':
		return put(to, "\\t");
	default:
		to = put(to, "\\u00");
		*to++ = hex[byte >> 4];
		*to++ = hex[byte & 15];
		return to;
	}
}

static char *put_escaped(char *to, const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		size_t end = at;
		while (end < size && is_plain(data[end]))
			end++;
		memcpy(to, data + at, end - at);
		to += end - at;
		at = end;
		if (at < size)
			to = escape(to, data, size, &at);
	}
	return to;
}

static void put_record(enum log_stream stream, const uint8_t *line, size_t size)
{
	char *to = log_file.out + log_file.used;

	to = put(to, "{\"log\":\"");
	to = put_escaped(to, line, size);
	to = put(to, stream == LOG_STDOUT ? "\",\"stream\":\"stdout\",\"time\":\"" : "\",\"stream\":\"stderr\",\"time\":\"");
	to = put(to, log_file.time);
	to = put(to, "\"}\n");
	log_file.used = (size_t)(to - log_file.out);
	if (log_file.max_bytes > 0 && log_file.size + (long long)log_file.used >= log_file.max_bytes) {
		flush_records();
		rotate();
	} else if (log_file.used >= OUT_BYTES) {
		flush_records();
	}
}

/* Where to cut a line that is too long: not within a character. */
static size_t cut(const uint8_t *data, size_t size)
{
	size_t back = 0;

	while (back < 4 && back < size && (data[size - 1 - back] & 0xc0) == 0x80)
		back++;
	return back < size && data[size - 1 - back] >= 0xc0 && sequence(data + size - 1 - back, back + 1) == 0 ?
		       size - 1 - back :
		       size;
}

/* Take bytes of a line; write it when it is complete (`ended`) or full. */
static void take(enum log_stream stream, const uint8_t *data, size_t size, int ended)
{
	struct partial *partial = &log_file.partial[stream];

	while (partial->size + size > LINE_MAX_BYTES || (ended && partial->size + size > 0)) {
		size_t room = LINE_MAX_BYTES - partial->size;
		size_t taken = size < room ? size : room;
		size_t record;
		memcpy(partial->data + partial->size, data, taken);
		partial->size += taken;
		data += taken;
		size -= taken;
		record = size > 0 ? cut(partial->data, partial->size) : partial->size;
		put_record(stream, partial->data, record);
		memmove(partial->data, partial->data + record, partial->size - record);
		partial->size -= record;
	}
	memcpy(partial->data + partial->size, data, size);
	partial->size += size;
}

void log_write(enum log_stream stream, const uint8_t *data, size_t size)
{
	if (log_file.fd < 0)
		return;
	/* One time for all lines of one read: they came together. */
	timestamp(log_file.time);
	while (size > 0) {
		const uint8_t *newline = memchr(data, '\n', size);
		size_t line = newline ? (size_t)(newline - data) + 1 : size;
		if (newline && log_file.partial[stream].size == 0 && line <= LINE_MAX_BYTES)
			put_record(stream, data, line);
		else
			take(stream, data, line, newline != NULL);
		data += line;
		size -= line;
	}
	flush_records();
}

void log_finish(void)
{
	if (log_file.fd < 0)
		return;
	timestamp(log_file.time);
	take(LOG_STDOUT, (const uint8_t *)"", 0, 1);
	take(LOG_STDERR, (const uint8_t *)"", 0, 1);
	flush_records();
}
