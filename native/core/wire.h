/* Messages between server and helper; the format is in native/WIRE.md. */
#ifndef SAMPAN_WIRE_H
#define SAMPAN_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum wire_type { WIRE_REQUEST = 1, WIRE_RESULT = 2, WIRE_ERROR = 3, WIRE_DATA = 4, WIRE_END = 5, WIRE_ITEM = 6 };

#define WIRE_DATA_MAX (256u * 1024u)
#define WIRE_MESSAGE_MAX (64u * 1024u * 1024u)

/* A received message. `data` is owned and NUL-terminated one past `size`. */
struct wire_message {
	uint8_t type;
	uint8_t *data;
	size_t size;
};

/* One field inside a message; pointers alias the message. Values are not NUL-terminated. */
struct wire_field {
	const char *key;
	size_t key_size;
	const char *value;
	size_t value_size;
};

/* A growing buffer for building fields. */
struct wire_fields {
	uint8_t *data;
	size_t size;
	size_t capacity;
};

/* 1: message read, 0: orderly end, -1: errno is set. Blocks. */
int wire_read(int fd, struct wire_message *message);
void wire_message_free(struct wire_message *message);

/* Iterates fields: start with *at = 0; 1 and a field, 0 at the end, -1 when malformed (errno EBADMSG). */
int wire_next(const struct wire_message *message, size_t *at, struct wire_field *field);
/* First value of `key` as a fresh NUL-terminated string, or NULL (errno 0 when absent). */
char *wire_get(const struct wire_message *message, const char *key);
/* Decimal value of `key`, or `fallback` when absent. */
long long wire_get_number(const struct wire_message *message, const char *key, long long fallback);
int wire_field_is(const struct wire_field *field, const char *key);

/* Appending aborts the process on out of memory: the helper cannot go on without it. */
void wire_add(struct wire_fields *fields, const char *key, const char *value);
void wire_add_bytes(struct wire_fields *fields, const char *key, const void *value, size_t size);
void wire_add_number(struct wire_fields *fields, const char *key, long long value);
/* Bytes as they are, for fields inside of a larger message. */
void wire_append(struct wire_fields *fields, const void *data, size_t size);
void wire_fields_free(struct wire_fields *fields);

/* Write one message; 0 or -1 with errno. EPIPE, never SIGPIPE. */
int wire_write(int fd, enum wire_type type, const void *data, size_t size);
int wire_write_fields(int fd, enum wire_type type, const struct wire_fields *fields);
/* An error message from an errno value. */
int wire_write_error(int fd, const char *step, const char *path, int error);

#endif
