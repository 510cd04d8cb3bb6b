#include "tar_write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records of one pax header while they are gathered. */
struct records {
	char *data;
	size_t size;
};

void tar_writer_start(struct tar_writer *writer, struct tar_sink sink)
{
	memset(writer, 0, sizeof *writer);
	writer->sink = sink;
	writer->buffer = malloc(TAR_BUFFER);
	if (!writer->buffer)
		abort();
	sha256_start(&writer->hash);
}

void tar_writer_free(struct tar_writer *writer)
{
	free(writer->buffer);
	writer->buffer = NULL;
}

static int flush(struct tar_writer *writer, struct failure *failure)
{
	sha256_add(&writer->hash, writer->buffer, writer->used);
	writer->total += writer->used;
	if (writer->sink.write && writer->used > 0 &&
	    writer->sink.write(writer->sink.context, writer->buffer, writer->used) < 0)
		return fail(failure, "write", "tar", errno);
	writer->used = 0;
	return 0;
}

static int put(struct tar_writer *writer, const void *data, size_t size, struct failure *failure)
{
	const uint8_t *at = data;

	while (size > 0) {
		size_t room = TAR_BUFFER - writer->used;
		size_t part = size < room ? size : room;
		memcpy(writer->buffer + writer->used, at, part);
		writer->used += part;
		at += part;
		size -= part;
		if (writer->used == TAR_BUFFER && flush(writer, failure) < 0)
			return -1;
	}
	return 0;
}

static int pad(struct tar_writer *writer, uint64_t size, struct failure *failure)
{
	static const char zeros[TAR_BLOCK];

	return put(writer, zeros, (size_t)(-size & (TAR_BLOCK - 1)), failure);
}

int tar_write_file(struct tar_writer *writer, int fd, uint64_t size, const char *path, struct failure *failure)
{
	for (uint64_t left = size; left > 0;) {
		size_t room = TAR_BUFFER - writer->used;
		ssize_t got = read(fd, writer->buffer + writer->used, left < room ? (size_t)left : room);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(failure, "read", path, errno);
		if (got == 0)
			return fail_because(failure, "read", path, ESTALE, "the file became shorter while it was read");
		writer->used += (size_t)got;
		left -= (size_t)got;
		if (writer->used == TAR_BUFFER && flush(writer, failure) < 0)
			return -1;
	}
	return pad(writer, size, failure);
}

int tar_write_end(struct tar_writer *writer, struct failure *failure)
{
	static const char zeros[2 * TAR_BLOCK];

	return put(writer, zeros, sizeof zeros, failure) < 0 ? -1 : flush(writer, failure);
}

static int decimal_digits(size_t value)
{
	int digits = 1;

	while (value >= 10) {
		value /= 10;
		digits++;
	}
	return digits;
}

/* `<length> <key>=<value>\n`, the length counting its own digits. */
static void add_record(struct records *records, const char *key, const void *value, size_t size)
{
	size_t rest = 1 + strlen(key) + 1 + size + 1;
	size_t length = rest + (size_t)decimal_digits(rest);
	char *at;

	if ((size_t)decimal_digits(length) + rest != length)
		length++;
	records->data = realloc(records->data, records->size + length + 1);
	if (!records->data)
		abort();
	at = records->data + records->size;
	at += sprintf(at, "%zu %s=", length, key);
	memcpy(at, value, size);
	at[size] = '\n';
	records->size += length;
}

static void add_number_record(struct records *records, const char *key, int64_t value)
{
	char text[24];
	int size = snprintf(text, sizeof text, "%" PRId64, value);

	add_record(records, key, text, (size_t)size);
}

static int is_ascii(const char *text)
{
	for (; *text; text++)
		if (*text & 0x80)
			return 0;
	return 1;
}

static int fits_octal(uint64_t value, size_t field)
{
	return value >> (3 * (field - 1)) == 0;
}

static void put_octal(char *field, size_t size, uint64_t value)
{
	snprintf(field, size, "%0*" PRIo64, (int)size - 1, fits_octal(value, size) ? value : 0);
}

/* Split at a '/' so that both halves have room; 0 when there is no such place. */
static int put_split_path(struct tar_header *header, const char *path, size_t size)
{
	for (size_t at = size > 101 ? size - 101 : 1; at <= 155 && at + 1 < size; at++) {
		if (path[at] != '/')
			continue;
		memcpy(header->prefix, path, at);
		memcpy(header->name, path + at + 1, size - at - 1);
		return 1;
	}
	return 0;
}

static void put_path(struct tar_header *header, struct records *records, const char *path)
{
	size_t size = strlen(path);

	if (is_ascii(path) && size > sizeof header->name && size <= 256 && put_split_path(header, path, size))
		return;
	if (size > sizeof header->name || !is_ascii(path))
		add_record(records, "path", path, size);
	memcpy(header->name, path, size < sizeof header->name ? size : sizeof header->name);
}

static void put_link(struct tar_header *header, struct records *records, const char *link)
{
	size_t size = strlen(link);

	if (size > sizeof header->link || !is_ascii(link))
		add_record(records, "linkpath", link, size);
	memcpy(header->link, link, size < sizeof header->link ? size : sizeof header->link);
}

static void put_number(char *field, size_t size, uint64_t value, struct records *records, const char *key)
{
	if (!fits_octal(value, size))
		add_number_record(records, key, (int64_t)value);
	put_octal(field, size, value);
}

static void put_common(struct tar_header *header, char type, uint32_t mode)
{
	memcpy(header->magic, "ustar", 6);
	memcpy(header->version, "00", 2);
	header->type = type;
	put_octal(header->mode, sizeof header->mode, mode & 07777);
	put_octal(header->major, sizeof header->major, 0);
	put_octal(header->minor, sizeof header->minor, 0);
}

static int write_header(struct tar_writer *writer, struct tar_header *header, struct failure *failure)
{
	snprintf(header->checksum, sizeof header->checksum, "%06o", tar_checksum(header));
	header->checksum[7] = ' ';
	return put(writer, header, sizeof *header, failure);
}

static int write_records(struct tar_writer *writer, const struct records *records, struct failure *failure)
{
	struct tar_header header = { 0 };

	if (records->size == 0)
		return 0;
	memcpy(header.name, "PaxHeaders/entry", 16);
	put_common(&header, 'x', 0644);
	put_octal(header.uid, sizeof header.uid, 0);
	put_octal(header.gid, sizeof header.gid, 0);
	put_octal(header.size, sizeof header.size, records->size);
	put_octal(header.mtime, sizeof header.mtime, 0);
	if (write_header(writer, &header, failure) < 0 ||
	    put(writer, records->data, records->size, failure) < 0)
		return -1;
	return pad(writer, records->size, failure);
}

static void add_xattr_records(struct records *records, const struct tar_entry *entry)
{
	char key[300];

	for (size_t i = 0; i < entry->xattr_count; i++) {
		snprintf(key, sizeof key, "SCHILY.xattr.%s", entry->xattrs[i].name);
		add_record(records, key, entry->xattrs[i].value, entry->xattrs[i].size);
	}
}

int tar_write_entry(struct tar_writer *writer, const struct tar_entry *entry, struct failure *failure)
{
	struct tar_header header = { 0 };
	struct records records = { 0 };
	int64_t seconds = entry->mtime.tv_sec;
	int result;

	put_common(&header, entry->type, entry->mode);
	put_path(&header, &records, entry->path);
	if (entry->link)
		put_link(&header, &records, entry->link);
	put_number(header.size, sizeof header.size, entry->type == TAR_FILE ? entry->size : 0, &records, "size");
	put_number(header.uid, sizeof header.uid, entry->uid, &records, "uid");
	put_number(header.gid, sizeof header.gid, entry->gid, &records, "gid");
	if (seconds < 0 || !fits_octal((uint64_t)seconds, sizeof header.mtime))
		add_number_record(&records, "mtime", seconds);
	put_octal(header.mtime, sizeof header.mtime, seconds < 0 ? 0 : (uint64_t)seconds);
	if (entry->type == TAR_CHAR || entry->type == TAR_BLOCK_DEVICE) {
		put_octal(header.major, sizeof header.major, entry->major);
		put_octal(header.minor, sizeof header.minor, entry->minor);
	}
	add_xattr_records(&records, entry);
	result = write_records(writer, &records, failure);
	if (result == 0)
		result = write_header(writer, &header, failure);
	free(records.data);
	return result;
}
