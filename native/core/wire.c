#include "wire.h"

#include "errno_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int read_exact(int fd, void *buffer, size_t size, int *clean_end)
{
	uint8_t *at = buffer;
	size_t left = size;

	*clean_end = 0;
	while (left > 0) {
		ssize_t got = read(fd, at, left);
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (got == 0) {
			*clean_end = left == size;
			errno = EPIPE;
			return -1;
		}
		at += got;
		left -= (size_t)got;
	}
	return 0;
}

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
	bytes[2] = (uint8_t)(value >> 16);
	bytes[3] = (uint8_t)(value >> 24);
}

int wire_read(int fd, struct wire_message *message)
{
	uint8_t header[5];
	int clean_end;
	uint32_t size;

	memset(message, 0, sizeof *message);
	if (read_exact(fd, header, sizeof header, &clean_end) < 0)
		return clean_end ? 0 : -1;
	size = get_u32(header);
	if (size < 1 || size > WIRE_MESSAGE_MAX) {
		errno = EBADMSG;
		return -1;
	}
	message->type = header[4];
	message->size = size - 1;
	message->data = malloc(message->size + 1);
	if (!message->data)
		return -1;
	if (read_exact(fd, message->data, message->size, &clean_end) < 0) {
		wire_message_free(message);
		errno = EPIPE;
		return -1;
	}
	message->data[message->size] = 0;
	return 1;
}

void wire_message_free(struct wire_message *message)
{
	free(message->data);
	message->data = NULL;
	message->size = 0;
}

int wire_next(const struct wire_message *message, size_t *at, struct wire_field *field)
{
	size_t left = message->size - *at;
	const uint8_t *data = message->data + *at;

	if (left == 0)
		return 0;
	field->key_size = data[0];
	if (left < 1 + field->key_size + 4)
		goto malformed;
	field->key = (const char *)data + 1;
	field->value_size = get_u32(data + 1 + field->key_size);
	if (left - 5 - field->key_size < field->value_size)
		goto malformed;
	field->value = (const char *)data + 5 + field->key_size;
	*at += 5 + field->key_size + field->value_size;
	return 1;
malformed:
	errno = EBADMSG;
	return -1;
}

int wire_field_is(const struct wire_field *field, const char *key)
{
	return strlen(key) == field->key_size && memcmp(key, field->key, field->key_size) == 0;
}

char *wire_get(const struct wire_message *message, const char *key)
{
	struct wire_field field;
	size_t at = 0;

	while (wire_next(message, &at, &field) == 1)
		if (wire_field_is(&field, key))
			return strndup(field.value, field.value_size);
	errno = 0;
	return NULL;
}

long long wire_get_number(const struct wire_message *message, const char *key, long long fallback)
{
	char *text = wire_get(message, key);
	long long value = fallback;

	if (text)
		value = strtoll(text, NULL, 10);
	free(text);
	return value;
}

void wire_append(struct wire_fields *fields, const void *data, size_t size)
{
	size_t need = fields->size + size;

	if (need > fields->capacity) {
		size_t capacity = need < 256 ? 256 : need * 2;
		uint8_t *grown = realloc(fields->data, capacity);
		if (!grown)
			abort();
		fields->data = grown;
		fields->capacity = capacity;
	}
	if (size)
		memcpy(fields->data + fields->size, data, size);
	fields->size = need;
}

void wire_add_bytes(struct wire_fields *fields, const char *key, const void *value, size_t size)
{
	uint8_t head[260], *at = head;
	size_t key_size = strlen(key);

	if (key_size > 255 || size > UINT32_MAX)
		abort();
	*at++ = (uint8_t)key_size;
	memcpy(at, key, key_size);
	put_u32(at + key_size, (uint32_t)size);
	wire_append(fields, head, 5 + key_size);
	wire_append(fields, value, size);
}

void wire_add(struct wire_fields *fields, const char *key, const char *value)
{
	wire_add_bytes(fields, key, value, strlen(value));
}

void wire_add_number(struct wire_fields *fields, const char *key, long long value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", value);
	wire_add(fields, key, text);
}

void wire_fields_free(struct wire_fields *fields)
{
	free(fields->data);
	memset(fields, 0, sizeof *fields);
}

int wire_write(int fd, enum wire_type type, const void *data, size_t size)
{
	uint8_t header[5];
	struct iovec parts[2] = { { header, sizeof header }, { (void *)data, size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = size ? 2 : 1 };

	put_u32(header, (uint32_t)size + 1);
	header[4] = (uint8_t)type;
	while (message.msg_iovlen > 0) {
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
		if (sent < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		while (message.msg_iovlen > 0 && (size_t)sent >= message.msg_iov->iov_len) {
			sent -= (ssize_t)message.msg_iov->iov_len;
			message.msg_iov++;
			message.msg_iovlen--;
		}
		if (message.msg_iovlen > 0) {
			message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + sent;
			message.msg_iov->iov_len -= (size_t)sent;
		}
	}
	return 0;
}

int wire_write_fields(int fd, enum wire_type type, const struct wire_fields *fields)
{
	return wire_write(fd, type, fields->data, fields->size);
}

int wire_write_error(int fd, const char *step, const char *path, int error)
{
	struct wire_fields fields = { 0 };
	int result;

	wire_add(&fields, "step", step);
	wire_add(&fields, "path", path ? path : "");
	wire_add(&fields, "errno", errno_name(error));
	wire_add(&fields, "message", strerror(error));
	result = wire_write_fields(fd, WIRE_ERROR, &fields);
	wire_fields_free(&fields);
	return result;
}
