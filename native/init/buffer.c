#include "buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t buffer_size(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static void make_room(struct buffer *buffer, size_t size)
{
	size_t used = buffer_size(buffer);
	uint8_t *grown;

	if (buffer->end + size <= buffer->capacity)
		return;
	if (buffer->start) {
		memmove(buffer->data, buffer->data + buffer->start, used);
		buffer->start = 0;
		buffer->end = used;
	}
	if (used + size <= buffer->capacity)
		return;
	grown = realloc(buffer->data, used + size);
	if (!grown)
		abort();
	buffer->data = grown;
	buffer->capacity = used + size;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
	if (size == 0)
		return;
	make_room(buffer, size);
	memcpy(buffer->data + buffer->end, data, size);
	buffer->end += size;
}

int buffer_write(struct buffer *buffer, int fd)
{
	while (buffer_size(buffer) > 0) {
		ssize_t sent = write(fd, buffer->data + buffer->start, buffer_size(buffer));
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? 0 : -1;
		buffer->start += (size_t)sent;
	}
	buffer_free(buffer);
	return 0;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof *buffer);
}
