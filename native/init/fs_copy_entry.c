#include "fs_copy.h"

#include "core/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *text_of(const struct wire_field *field)
{
	char *text = malloc(field->value_size + 1);

	if (!text)
		abort();
	memcpy(text, field->value, field->value_size);
	text[field->value_size] = 0;
	return text;
}

static long long number_of(const struct wire_field *field)
{
	char text[24] = "";

	memcpy(text, field->value, field->value_size < sizeof text ? field->value_size : sizeof text - 1);
	return strtoll(text, NULL, 10);
}

static struct timespec time_of(const struct wire_field *field)
{
	long long nanoseconds = number_of(field);
	struct timespec time = { .tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000 };

	if (time.tv_nsec < 0) {
		time.tv_sec--;
		time.tv_nsec += 1000000000;
	}
	return time;
}

/* name, NUL, value. */
static int add_xattr(struct copy_entry *entry, const struct wire_field *field)
{
	const char *nul = memchr(field->value, 0, field->value_size);
	size_t count = entry->attributes.xattr_count;
	struct tar_xattr *xattr;

	if (!nul)
		return -1;
	entry->xattrs = realloc(entry->xattrs, (count + 1) * sizeof *entry->xattrs);
	if (!entry->xattrs)
		abort();
	xattr = &entry->xattrs[count];
	xattr->size = field->value_size - (size_t)(nul + 1 - field->value);
	xattr->name = strdup(field->value);
	xattr->value = malloc(xattr->size + 1);
	if (!xattr->name || !xattr->value)
		abort();
	memcpy(xattr->value, nul + 1, xattr->size);
	entry->attributes.xattr_count++;
	return 0;
}

static char **text_slot(struct copy_entry *entry, const struct wire_field *field)
{
	if (wire_field_is(field, "target"))
		return &entry->target;
	if (wire_field_is(field, "source"))
		return &entry->source;
	return wire_field_is(field, "link") ? &entry->link : NULL;
}

static int set_number(struct copy_entry *entry, const struct wire_field *field)
{
	long long number = number_of(field);

	if (wire_field_is(field, "type"))
		entry->type = (mode_t)number << 12;
	else if (wire_field_is(field, "mode"))
		entry->attributes.mode = (mode_t)number & 07777;
	else if (wire_field_is(field, "uid"))
		entry->attributes.uid = (uint32_t)number;
	else if (wire_field_is(field, "gid"))
		entry->attributes.gid = (uint32_t)number;
	else if (wire_field_is(field, "major"))
		entry->major = (unsigned int)number;
	else if (wire_field_is(field, "minor"))
		entry->minor = (unsigned int)number;
	else if (wire_field_is(field, "group"))
		entry->group = number;
	else if (wire_field_is(field, "update"))
		entry->update = number == 1;
	else
		return -1;
	return 0;
}

static int set_field(struct copy_entry *entry, const struct wire_field *field)
{
	char **text = text_slot(entry, field);

	if (text) {
		free(*text);
		*text = text_of(field);
	} else if (wire_field_is(field, "content")) {
		free(entry->content);
		entry->content = (uint8_t *)text_of(field);
		entry->content_size = field->value_size;
	} else if (wire_field_is(field, "mtime"))
		entry->attributes.mtime = time_of(field);
	else if (wire_field_is(field, "xattr"))
		return add_xattr(entry, field);
	else
		return set_number(entry, field);
	return 0;
}

static int parse(struct copy_entry *entry, const struct wire_message *record)
{
	struct wire_field field;
	size_t at = 0;
	int got;

	memset(entry, 0, sizeof *entry);
	entry->group = -1;
	entry->attributes.mtime.tv_nsec = UTIME_OMIT;
	while ((got = wire_next(record, &at, &field)) == 1)
		if (set_field(entry, &field) < 0)
			return -1;
	entry->attributes.xattrs = entry->xattrs;
	return got < 0 || !entry->target || !entry->type ? -1 : 0;
}

int copy_entry_read(struct fs_input *input, struct copy_entry *entry, struct failure *failure)
{
	struct wire_message record = { 0 };
	uint8_t head[4];
	int got = fs_input_take(input, head, sizeof head);

	if (got <= 0)
		return got < 0 ? fail(failure, "copy", NULL, errno) : 0;
	record.size = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
	if (record.size > WIRE_MESSAGE_MAX)
		return fail(failure, "copy", NULL, EMSGSIZE);
	record.data = malloc(record.size + 1);
	if (!record.data)
		abort();
	got = fs_input_take(input, record.data, record.size);
	if (got == 1 && parse(entry, &record) < 0) {
		copy_entry_free(entry);
		got = fail_because(failure, "copy", NULL, EPROTO, "an entry of the copy is malformed");
	} else if (got != 1)
		got = fail(failure, "copy", NULL, EPROTO);
	wire_message_free(&record);
	return got;
}

void copy_entry_free(struct copy_entry *entry)
{
	free(entry->target);
	free(entry->source);
	free(entry->content);
	free(entry->link);
	free_xattrs(entry->xattrs, entry->attributes.xattr_count);
	memset(entry, 0, sizeof *entry);
}
