#include "fs.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

void fs_input_start(struct fs_input *input, int fd)
{
	memset(input, 0, sizeof *input);
	input->fd = fd;
}

void fs_input_free(struct fs_input *input)
{
	wire_message_free(&input->message);
}

/* 1: bytes are left in the message; 0: the stream ended; -1. */
static int fill(struct fs_input *input)
{
	while (!input->ended && input->at == input->message.size) {
		int got;

		wire_message_free(&input->message);
		input->at = 0;
		got = wire_read(input->fd, &input->message);
		if (got <= 0) {
			errno = got == 0 ? ECANCELED : errno;
			return -1;
		}
		if (input->message.type == WIRE_END)
			input->ended = 1;
		else if (input->message.type != WIRE_DATA) {
			errno = EPROTO;
			return -1;
		}
	}
	return !input->ended;
}

static int next(void *context, const uint8_t **data, size_t *size)
{
	struct fs_input *input = context;
	int got = fill(input);

	if (got != 1)
		return got;
	*data = input->message.data + input->at;
	*size = input->message.size - input->at;
	input->at = input->message.size;
	return 1;
}

struct tar_source fs_input_source(struct fs_input *input)
{
	return (struct tar_source){ next, input };
}

int fs_input_take(struct fs_input *input, void *buffer, size_t size)
{
	char *to = buffer;

	for (size_t done = 0; done < size;) {
		size_t part;
		int got = fill(input);

		if (got < 0 || (got == 0 && done == 0))
			return got;
		if (got == 0) {
			errno = EBADMSG;
			return -1;
		}
		part = input->message.size - input->at;
		part = part < size - done ? part : size - done;
		memcpy(to + done, input->message.data + input->at, part);
		input->at += part;
		done += part;
	}
	return 1;
}

static int write_data(void *context, const void *data, size_t size)
{
	const struct fs_session *session = context;
	const char *at = data;

	while (size > 0) {
		size_t part = size < WIRE_DATA_MAX ? size : WIRE_DATA_MAX;
		if (wire_write(session->fd, WIRE_DATA, at, part) < 0)
			return -1;
		at += part;
		size -= part;
	}
	return 0;
}

struct tar_sink fs_output(struct fs_session *session)
{
	return (struct tar_sink){ write_data, session };
}

static int drop_data(void *context, const void *data, size_t size)
{
	struct pollfd polled = { .fd = ((const struct fs_session *)context)->fd, .events = POLLRDHUP };

	(void)data;
	(void)size;
	if (poll(&polled, 1, 0) <= 0)
		return 0;
	errno = ECANCELED;
	return -1;
}

struct tar_sink fs_no_output(struct fs_session *session)
{
	return (struct tar_sink){ drop_data, session };
}

int fs_records_end(struct fs_records *records)
{
	int result = write_data(records->session, records->pending.data, records->pending.size);

	wire_fields_free(&records->pending);
	return result;
}

int fs_records_add(struct fs_records *records, const struct wire_fields *fields)
{
	struct wire_fields *pending = &records->pending;
	uint32_t size = (uint32_t)fields->size;
	uint8_t head[4] = { (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), (uint8_t)(size >> 24) };

	wire_append(pending, head, sizeof head);
	wire_append(pending, fields->data, fields->size);
	if (pending->size < 64 * 1024)
		return 0;
	if (write_data(records->session, pending->data, pending->size) < 0)
		return -1;
	pending->size = 0;
	return 0;
}
