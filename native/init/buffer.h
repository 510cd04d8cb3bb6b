/* Bytes on their way out, for a descriptor that does not take them all at once. No memory while empty. */
#ifndef SAMPAN_BUFFER_H
#define SAMPAN_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *data;
	size_t start;
	size_t end;
	size_t capacity;
};

size_t buffer_size(const struct buffer *buffer);
void buffer_add(struct buffer *buffer, const void *data, size_t size);
/* Write what `fd` takes without blocking. 0 (also when bytes are left), or -1 with errno when it is broken. */
int buffer_write(struct buffer *buffer, int fd);
void buffer_free(struct buffer *buffer);

#endif
