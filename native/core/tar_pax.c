#include "tar_pax.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *pointer)
{
	/* As everywhere in the helper: without memory it cannot go on. */
	if (!pointer)
		abort();
	return pointer;
}

static void replace(char **text, const char *value, size_t size)
{
	free(*text);
	*text = must(strndup(value, size));
}

void tar_entry_free(struct tar_entry *entry)
{
	free(entry->path);
	free(entry->link);
	for (size_t i = 0; i < entry->xattr_count; i++) {
		free(entry->xattrs[i].name);
		free(entry->xattrs[i].value);
	}
	free(entry->xattrs);
	free(entry->extents);
	memset(entry, 0, sizeof *entry);
}

static int base256(const unsigned char *bytes, size_t size, int64_t *value)
{
	int negative = bytes[0] & 0x40;
	/* The first bit only marks the form; the rest is two's complement. */
	int64_t result = negative ? -1 : 0;

	result = (int64_t)((uint64_t)result << 6 | (bytes[0] & 0x3f));
	for (size_t i = 1; i < size; i++) {
		if (result > INT64_MAX >> 8 || result < INT64_MIN >> 8)
			return -1;
		result = (int64_t)((uint64_t)result << 8 | bytes[i]);
	}
	*value = result;
	return 0;
}

int tar_number(const char *field, size_t size, int64_t *value)
{
	const unsigned char *bytes = (const unsigned char *)field;
	size_t at = 0;
	int64_t result = 0;

	if (bytes[0] & 0x80)
		return base256(bytes, size, value);
	while (at < size && field[at] == ' ')
		at++;
	for (; at < size && field[at] >= '0' && field[at] <= '7'; at++) {
		if (result > INT64_MAX >> 3)
			return -1;
		result = result << 3 | (field[at] - '0');
	}
	for (; at < size; at++)
		if (field[at] != ' ' && field[at] != 0)
			return -1;
	*value = result;
	return 0;
}

void tar_add_extent(struct tar_entry *entry, uint64_t offset, uint64_t size)
{
	if ((entry->extent_count & (entry->extent_count - 1)) == 0) {
		size_t capacity = entry->extent_count ? entry->extent_count * 2 : 1;
		entry->extents = must(realloc(entry->extents, capacity * sizeof *entry->extents));
	}
	entry->extents[entry->extent_count++] = (struct tar_extent){ offset, size };
}

static int parse_unsigned(const char *text, size_t size, uint64_t *value)
{
	uint64_t result = 0;

	if (size == 0)
		return -1;
	for (size_t i = 0; i < size; i++) {
		if (!isdigit((unsigned char)text[i]) || result > (UINT64_MAX - 9) / 10)
			return -1;
		result = result * 10 + (uint64_t)(text[i] - '0');
	}
	*value = result;
	return 0;
}

static int parse_id(const char *text, size_t size, uint32_t *id)
{
	uint64_t value;

	if (parse_unsigned(text, size, &value) < 0 || value >= UINT32_MAX)
		return -1;
	*id = (uint32_t)value;
	return 1;
}

/* Decimal seconds with an optional sign and fraction. */
static int parse_time(const char *text, size_t size, struct timespec *time)
{
	int negative = size > 0 && text[0] == '-';
	const char *dot = memchr(text, '.', size);
	size_t whole = dot ? (size_t)(dot - text) : size;
	uint64_t seconds;
	long nanoseconds = 0, unit = 100000000;

	if (parse_unsigned(text + negative, whole - (size_t)negative, &seconds) < 0 || seconds > INT64_MAX)
		return -1;
	for (size_t i = whole + 1; i < size; i++, unit /= 10) {
		if (!isdigit((unsigned char)text[i]))
			return -1;
		nanoseconds += unit * (text[i] - '0');
	}
	time->tv_sec = negative ? -(time_t)seconds : (time_t)seconds;
	time->tv_nsec = nanoseconds;
	if (negative && nanoseconds > 0) {
		time->tv_sec--;
		time->tv_nsec = 1000000000 - nanoseconds;
	}
	return 1;
}

static struct tar_xattr *xattr_slot(struct tar_entry *entry, char *name)
{
	for (size_t i = 0; i < entry->xattr_count; i++)
		if (strcmp(entry->xattrs[i].name, name) == 0) {
			free(name);
			free(entry->xattrs[i].value);
			return &entry->xattrs[i];
		}
	entry->xattrs = must(realloc(entry->xattrs, (entry->xattr_count + 1) * sizeof *entry->xattrs));
	entry->xattrs[entry->xattr_count].name = name;
	return &entry->xattrs[entry->xattr_count++];
}

static void add_xattr(struct tar_entry *entry, char *name, const void *value, size_t size)
{
	struct tar_xattr *xattr = xattr_slot(entry, name);

	xattr->value = must(malloc(size + 1));
	memcpy(xattr->value, value, size);
	xattr->size = size;
}

/* libarchive writes names percent-encoded and values as unpadded base64. */
static char *percent_decode(const char *text, size_t size)
{
	char *out = must(malloc(size + 1)), *to = out;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '%' && i + 2 < size && isxdigit((unsigned char)text[i + 1]) &&
		    isxdigit((unsigned char)text[i + 2])) {
			char digits[3] = { text[i + 1], text[i + 2], 0 };
			*to++ = (char)strtol(digits, NULL, 16);
			i += 2;
		} else
			*to++ = text[i];
	}
	*to = 0;
	return out;
}

static int add_base64_xattr(struct tar_entry *entry, char *name, const char *text, size_t size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t *out = must(malloc(size + 1));
	size_t used = 0;
	uint32_t bits = 0;
	int count = 0;

	for (size_t i = 0; i < size && text[i] != '='; i++) {
		const char *found = text[i] ? strchr(alphabet, text[i]) : NULL;
		if (!found) {
			free(out);
			free(name);
			return -1;
		}
		bits = bits << 6 | (uint32_t)(found - alphabet);
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[used++] = (uint8_t)(bits >> count);
		}
	}
	add_xattr(entry, name, out, used);
	free(out);
	return 1;
}

/* GNU.sparse.map: offset,size,offset,size... */
static int parse_map(struct tar_entry *entry, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		uint64_t pair[2];
		for (int i = 0; i < 2; i++) {
			const char *comma = memchr(text, ',', (size_t)(end - text));
			const char *stop = comma ? comma : end;
			if (parse_unsigned(text, (size_t)(stop - text), &pair[i]) < 0)
				return -1;
			text = comma ? comma + 1 : end;
		}
		tar_add_extent(entry, pair[0], pair[1]);
	}
	return 0;
}

static int sparse_record(struct tar_extended *extended, const char *key, const char *value, size_t size)
{
	struct tar_entry *entry = &extended->entry;
	uint64_t number = 0;

	if (strcmp(key, "name") == 0) {
		replace(&entry->path, value, size);
		return 0;
	}
	if (strcmp(key, "map") == 0) {
		extended->sparse = 1;
		return parse_map(entry, value, size);
	}
	if (parse_unsigned(value, size, &number) < 0)
		return -1;
	if (strcmp(key, "major") == 0)
		extended->sparse = number == 1 ? 2 : 1;
	else if (strcmp(key, "realsize") == 0 || strcmp(key, "size") == 0) {
		extended->real_size = number;
		extended->has_real_size = 1;
		extended->sparse = extended->sparse ? extended->sparse : 1;
	} else if (strcmp(key, "offset") == 0)
		tar_add_extent(entry, number, 0);
	else if (strcmp(key, "numbytes") == 0 && entry->extent_count > 0)
		entry->extents[entry->extent_count - 1].size = number;
	return 0;
}

static const char *after(const char *key, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(key, prefix, size) == 0 ? key + size : NULL;
}

static int record(struct tar_extended *extended, const char *key, const char *value, size_t size)
{
	struct tar_entry *entry = &extended->entry;
	int text = strcmp(key, "path") == 0 ? 1 : strcmp(key, "linkpath") == 0 ? 2 : 0;
	const char *rest;

	if (text) {
		if (memchr(value, 0, size))
			return -1;
		/* The sparse form's own name is the true one, whatever the order of the records. */
		if (text == 2 || !extended->sparse || !entry->path)
			replace(text == 1 ? &entry->path : &entry->link, value, size);
		return 0;
	}
	if (strcmp(key, "size") == 0) {
		extended->has_size = 1;
		return parse_unsigned(value, size, &entry->size);
	}
	if (strcmp(key, "uid") == 0)
		return extended->has_uid = parse_id(value, size, &entry->uid);
	if (strcmp(key, "gid") == 0)
		return extended->has_gid = parse_id(value, size, &entry->gid);
	if (strcmp(key, "mtime") == 0)
		return extended->has_mtime = parse_time(value, size, &entry->mtime);
	if ((rest = after(key, "SCHILY.xattr.")))
		add_xattr(entry, must(strdup(rest)), value, size);
	else if ((rest = after(key, "LIBARCHIVE.xattr.")))
		return add_base64_xattr(entry, percent_decode(rest, strlen(rest)), value, size);
	else if ((rest = after(key, "GNU.sparse.")))
		return sparse_record(extended, rest, value, size);
	return 0;
}

int tar_pax_parse(struct tar_extended *extended, const char *records, size_t size)
{
	while (size > 0) {
		const char *blank = memchr(records, ' ', size < 20 ? size : 20);
		uint64_t length;
		const char *equals;
		char *key;
		int result;

		if (!blank || parse_unsigned(records, (size_t)(blank - records), &length) < 0 || length > size ||
		    length < (size_t)(blank - records) + 3 || records[length - 1] != '\n')
			return -1;
		equals = memchr(blank + 1, '=', (size_t)(records + length - 1 - (blank + 1)));
		if (!equals)
			return -1;
		key = must(strndup(blank + 1, (size_t)(equals - blank - 1)));
		result = record(extended, key, equals + 1, (size_t)(records + length - 1 - (equals + 1)));
		free(key);
		if (result < 0)
			return -1;
		records += length;
		size -= length;
	}
	return 0;
}
