#include "tar_read.h"

#include "tar_pax.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Longest extended header that is believed; xattrs and paths of Linux fit many times. */
#define EXTENDED_MAX (1024u * 1024u)
/* Entries of a sparse map that are believed. */
#define EXTENTS_MAX (1024u * 1024u)

static int malformed(const struct tar_reader *reader, struct failure *failure, const char *reason)
{
	return fail_because(failure, "tar", reader->entry.path, EBADMSG, "%s", reason);
}

void tar_reader_start(struct tar_reader *reader, struct tar_source source)
{
	memset(reader, 0, sizeof *reader);
	reader->source = source;
	sha256_start(&reader->hash);
}

void tar_reader_free(struct tar_reader *reader)
{
	tar_entry_free(&reader->entry);
}

/* 1: reader->left > 0; 0: end; -1. Each piece is hashed once, when it comes. */
static int fill(struct tar_reader *reader, struct failure *failure)
{
	while (reader->left == 0) {
		int got = reader->source.next(reader->source.context, &reader->at, &reader->left);
		if (got < 0)
			return fail(failure, "read", NULL, errno);
		if (got == 0)
			return 0;
		sha256_add(&reader->hash, reader->at, reader->left);
		reader->total += reader->left;
	}
	return 1;
}

/* Exactly `size` bytes; *ended instead when the stream ends before the first of them (ended may be NULL). */
static int take(struct tar_reader *reader, void *buffer, size_t size, int *ended, struct failure *failure)
{
	uint8_t *to = buffer;

	for (size_t done = 0; done < size;) {
		size_t part;
		int got = fill(reader, failure);

		if (got < 0)
			return -1;
		if (got == 0) {
			if (ended && done == 0) {
				*ended = 1;
				return 0;
			}
			return malformed(reader, failure, "the archive ends in the middle");
		}
		part = reader->left < size - done ? reader->left : size - done;
		memcpy(to + done, reader->at, part);
		reader->at += part;
		reader->left -= part;
		done += part;
	}
	return 0;
}

static int skip(struct tar_reader *reader, uint64_t size, struct failure *failure)
{
	while (size > 0) {
		int got = fill(reader, failure);
		size_t part;

		if (got <= 0)
			return got < 0 ? -1 : malformed(reader, failure, "the archive ends in the middle");
		part = reader->left < size ? reader->left : (size_t)size;
		reader->at += part;
		reader->left -= part;
		size -= part;
	}
	return 0;
}

static void set_data(struct tar_reader *reader, uint64_t size)
{
	reader->data_left = size;
	reader->padding = (unsigned int)(-size & (TAR_BLOCK - 1));
}

int tar_data(struct tar_reader *reader, const uint8_t **data, size_t *size, struct failure *failure)
{
	int got;

	if (reader->data_left == 0)
		return 0;
	got = fill(reader, failure);
	if (got <= 0)
		return got < 0 ? -1 : malformed(reader, failure, "the archive ends in the middle");
	*data = reader->at;
	*size = reader->left < reader->data_left ? reader->left : (size_t)reader->data_left;
	reader->at += *size;
	reader->left -= *size;
	reader->data_left -= *size;
	return 1;
}

int tar_finish(struct tar_reader *reader, struct failure *failure)
{
	int got;

	while ((got = fill(reader, failure)) == 1)
		reader->left = 0;
	return got;
}

unsigned int tar_checksum(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned int sum = 8 * ' ';

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= offsetof(struct tar_header, checksum) && i < offsetof(struct tar_header, type) ? 0
													   : bytes[i];
	return sum;
}

/* Old archives summed signed chars. */
static int checksum_holds(const struct tar_header *header)
{
	const signed char *bytes = (const signed char *)header;
	int64_t expected;
	int sum = 8 * ' ';

	if (tar_number(header->checksum, sizeof header->checksum, &expected) < 0)
		return 0;
	if (expected == tar_checksum(header))
		return 1;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= offsetof(struct tar_header, checksum) && i < offsetof(struct tar_header, type) ? 0
													   : bytes[i];
	return expected == sum;
}

static int is_zero(const void *block)
{
	static const char zeros[TAR_BLOCK];

	return memcmp(block, zeros, TAR_BLOCK) == 0;
}

/* The data of an extended header, NUL-terminated; NULL on failure. */
static char *take_extended(struct tar_reader *reader, const struct tar_header *header, size_t *size,
			   struct failure *failure)
{
	int64_t length;
	char *text;

	if (tar_number(header->size, sizeof header->size, &length) < 0 || length < 0 || length > EXTENDED_MAX) {
		malformed(reader, failure, "an extended header is too large");
		return NULL;
	}
	*size = (size_t)length;
	text = malloc(*size + 1);
	if (!text)
		abort();
	if (take(reader, text, *size, NULL, failure) < 0 || skip(reader, -*size & (TAR_BLOCK - 1), failure) < 0) {
		free(text);
		return NULL;
	}
	text[*size] = 0;
	return text;
}

static int read_extended(struct tar_reader *reader, const struct tar_header *header, struct tar_extended *extended,
			 struct failure *failure)
{
	size_t size;
	char *text = take_extended(reader, header, &size, failure);
	char **name = header->type == 'L' ? &extended->entry.path : &extended->entry.link;
	int result = 0;

	if (!text)
		return -1;
	if (header->type == 'x')
		result = tar_pax_parse(extended, text, size);
	else if (header->type != 'g' && !*name)
		*name = strdup(text);
	free(text);
	return result < 0 ? malformed(reader, failure, "an extended header is malformed") : 0;
}

static char *header_path(const struct tar_header *header)
{
	size_t prefix_size = strnlen(header->prefix, sizeof header->prefix);
	size_t name_size = strnlen(header->name, sizeof header->name);
	/* GNU headers ("ustar  \0") use the prefix for other things. */
	int has_prefix = memcmp(header->magic, "ustar\0", 6) == 0 && prefix_size > 0;
	char *path = malloc(prefix_size + name_size + 2);

	if (!path)
		abort();
	if (has_prefix) {
		memcpy(path, header->prefix, prefix_size);
		path[prefix_size++] = '/';
	} else
		prefix_size = 0;
	memcpy(path + prefix_size, header->name, name_size);
	path[prefix_size + name_size] = 0;
	return path;
}

static int read_numbers(const struct tar_header *header, struct tar_extended *extended)
{
	struct tar_entry *entry = &extended->entry;
	int64_t value;

	if (tar_number(header->mode, sizeof header->mode, &value) < 0)
		return -1;
	entry->mode = (uint32_t)value & 07777;
	if (!extended->has_uid) {
		if (tar_number(header->uid, sizeof header->uid, &value) < 0 || value < 0 || value >= UINT32_MAX)
			return -1;
		entry->uid = (uint32_t)value;
	}
	if (!extended->has_gid) {
		if (tar_number(header->gid, sizeof header->gid, &value) < 0 || value < 0 || value >= UINT32_MAX)
			return -1;
		entry->gid = (uint32_t)value;
	}
	if (!extended->has_size) {
		if (tar_number(header->size, sizeof header->size, &value) < 0 || value < 0)
			return -1;
		entry->size = (uint64_t)value;
	}
	if (!extended->has_mtime) {
		if (tar_number(header->mtime, sizeof header->mtime, &value) < 0)
			return -1;
		entry->mtime.tv_sec = value;
	}
	return 0;
}

static int read_device(const struct tar_header *header, struct tar_entry *entry)
{
	int64_t major, minor;

	if (tar_number(header->major, sizeof header->major, &major) < 0 ||
	    tar_number(header->minor, sizeof header->minor, &minor) < 0)
		return -1;
	entry->major = (unsigned int)major;
	entry->minor = (unsigned int)minor;
	return 0;
}

static int add_gnu_extents(struct tar_entry *entry, const char *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++, pairs += 24) {
		int64_t offset, size;
		if (pairs[0] == 0 && pairs[12] == 0)
			break;
		if (tar_number(pairs, 12, &offset) < 0 || tar_number(pairs + 12, 12, &size) < 0 || offset < 0 ||
		    size < 0 || entry->extent_count >= EXTENTS_MAX)
			return -1;
		tar_add_extent(entry, (uint64_t)offset, (uint64_t)size);
	}
	return 0;
}

/* Type S: four extents and the real size in the header, 21 more in each block that follows it (GNU tar, tar.h). */
static int read_gnu_sparse(struct tar_reader *reader, const struct tar_header *header, struct tar_entry *entry,
			   struct failure *failure)
{
	const char *block = (const char *)header;
	char more[TAR_BLOCK];
	char extended = block[482];
	int64_t real_size;

	if (add_gnu_extents(entry, block + 386, 4) < 0 || tar_number(block + 483, 12, &real_size) < 0 || real_size < 0)
		return malformed(reader, failure, "a sparse map is malformed");
	while (extended) {
		if (take(reader, more, sizeof more, NULL, failure) < 0)
			return -1;
		if (add_gnu_extents(entry, more, 21) < 0)
			return malformed(reader, failure, "a sparse map is malformed");
		extended = more[504];
	}
	set_data(reader, entry->size);
	entry->size = (uint64_t)real_size;
	entry->sparse = 1;
	entry->type = TAR_FILE;
	return 0;
}

/* One decimal line of a sparse map that lies in front of the data (GNU sparse format 1.0). */
static int take_line(struct tar_reader *reader, uint64_t *value, uint64_t *taken, struct failure *failure)
{
	char digit;
	int digits = 0;

	for (*value = 0;; digits++) {
		if (*taken >= reader->data_left || digits > 19)
			return malformed(reader, failure, "a sparse map is malformed");
		if (take(reader, &digit, 1, NULL, failure) < 0)
			return -1;
		++*taken;
		if (digit == '\n' && digits > 0)
			return 0;
		if (digit < '0' || digit > '9')
			return malformed(reader, failure, "a sparse map is malformed");
		*value = *value * 10 + (uint64_t)(digit - '0');
	}
}

static int read_map_in_data(struct tar_reader *reader, struct tar_entry *entry, struct failure *failure)
{
	uint64_t count, taken = 0, offset, size, rest;

	if (take_line(reader, &count, &taken, failure) < 0)
		return -1;
	if (count > EXTENTS_MAX)
		return malformed(reader, failure, "a sparse map is too long");
	for (; count > 0; count--) {
		if (take_line(reader, &offset, &taken, failure) < 0 || take_line(reader, &size, &taken, failure) < 0)
			return -1;
		tar_add_extent(entry, offset, size);
	}
	rest = -taken & (TAR_BLOCK - 1);
	if (taken + rest > reader->data_left)
		return malformed(reader, failure, "a sparse map is malformed");
	if (skip(reader, rest, failure) < 0)
		return -1;
	reader->data_left -= taken + rest;
	return 0;
}

/* Stored data must be what the map says, in order and inside of the file. */
static int check_extents(const struct tar_reader *reader, const struct tar_entry *entry)
{
	uint64_t stored = 0, end = 0;

	for (size_t i = 0; i < entry->extent_count; i++) {
		const struct tar_extent *extent = &entry->extents[i];
		if (extent->offset < end || extent->size > entry->size || extent->offset > entry->size - extent->size)
			return -1;
		end = extent->offset + extent->size;
		stored += extent->size;
	}
	return stored == reader->data_left ? 0 : -1;
}

static int finish_sparse(struct tar_reader *reader, struct tar_extended *extended, struct failure *failure)
{
	struct tar_entry *entry = &extended->entry;

	if (!entry->sparse) {
		entry->sparse = 1;
		set_data(reader, entry->size);
		entry->size = extended->real_size;
		if (extended->sparse == 2 && read_map_in_data(reader, entry, failure) < 0)
			return -1;
	}
	return check_extents(reader, entry) < 0 ? malformed(reader, failure, "a sparse map is malformed") : 0;
}

/* Fill the entry from a header and what came before it. 1, 0 for a member to pass over, or -1. */
static int read_member(struct tar_reader *reader, const struct tar_header *header, struct tar_extended *extended,
		       struct failure *failure)
{
	struct tar_entry *entry = &extended->entry;
	size_t length;

	if (!entry->path)
		entry->path = header_path(header);
	if (!entry->link)
		entry->link = strndup(header->link, sizeof header->link);
	reader->entry.path = entry->path;
	if (read_numbers(header, extended) < 0)
		return malformed(reader, failure, "a number in its header is malformed");
	entry->type = header->type == 0 || header->type == '7' ? TAR_FILE : header->type;
	length = strlen(entry->path);
	if (entry->type == TAR_FILE && length > 0 && entry->path[length - 1] == '/')
		entry->type = TAR_DIRECTORY;
	if (entry->type == 'S' && read_gnu_sparse(reader, header, entry, failure) < 0)
		return -1;
	/* Only files have data; for the others a size is a hint or, with hard links, the size of the target. */
	if (!entry->sparse)
		set_data(reader, entry->type >= TAR_HARD_LINK && entry->type <= TAR_FIFO ? 0 : entry->size);
	if (entry->type == TAR_FILE && (entry->sparse || (extended->sparse && extended->has_real_size)))
		return finish_sparse(reader, extended, failure) < 0 ? -1 : 1;
	if ((entry->type == TAR_CHAR || entry->type == TAR_BLOCK_DEVICE) && read_device(header, entry) < 0)
		return malformed(reader, failure, "a device number is malformed");
	/* Volume labels, multi-volume parts and lists of names are GNU's own and hold no file. */
	if (entry->type == 'V' || entry->type == 'M' || entry->type == 'N')
		return 0;
	if (entry->type < TAR_FILE || entry->type > TAR_FIFO)
		return malformed(reader, failure, "a member is of a kind that cannot be unpacked");
	return 1;
}

static int is_extended(char type)
{
	return type == 'x' || type == 'g' || type == 'L' || type == 'K';
}

static int skip_data(struct tar_reader *reader, struct failure *failure)
{
	if (skip(reader, reader->data_left, failure) < 0 || skip(reader, reader->padding, failure) < 0)
		return -1;
	set_data(reader, 0);
	return 0;
}

static int next_header(struct tar_reader *reader, struct tar_header *header, struct failure *failure)
{
	int ended = 0;

	if (skip_data(reader, failure) < 0 || take(reader, header, sizeof *header, &ended, failure) < 0)
		return -1;
	if (ended || is_zero(header))
		return 0;
	if (!checksum_holds(header))
		return malformed(reader, failure, "a header's checksum is wrong: this is no tar archive or a damaged one");
	return 1;
}

int tar_next(struct tar_reader *reader, struct failure *failure)
{
	struct tar_extended extended = { 0 };
	struct tar_header header;
	int got;

	do {
		while ((got = next_header(reader, &header, failure)) == 1 && is_extended(header.type))
			if (read_extended(reader, &header, &extended, failure) < 0)
				break;
		if (got == 1 && is_extended(header.type))
			got = -1;
		tar_entry_free(&reader->entry);
		if (got <= 0) {
			tar_entry_free(&extended.entry);
			return got;
		}
		got = read_member(reader, &header, &extended, failure);
		reader->entry = extended.entry;
		memset(&extended, 0, sizeof extended);
	} while (got == 0);
	return got;
}
