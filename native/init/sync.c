#include "sync.h"

#include "fdpass.h"

#include <errno.h>

int sync_send(int socket, const struct sync_message *message, int fd)
{
	return fdpass_send(socket, message, sizeof *message, fd);
}

int sync_tell(int socket, enum sync_kind kind, struct failure *failure)
{
	const struct sync_message message = { .kind = kind };

	return sync_send(socket, &message, -1) < 0 && errno != EPIPE ? fail(failure, "setup", NULL, errno) : 0;
}

int sync_receive(int socket, struct sync_message *message, int *fd)
{
	int unexpected;
	int got = fdpass_receive(socket, message, sizeof *message, fd ? fd : &unexpected);

	if (!fd)
		close_owned(&unexpected);
	return got;
}

int sync_expect(int socket, enum sync_kind kind, int *fd, struct failure *failure)
{
	struct sync_message message;
	int got = sync_receive(socket, &message, fd);

	if (got <= 0)
		return fail(failure, "setup", NULL, got == 0 ? ECHILD : errno);
	if (message.kind == SYNC_FAILED) {
		*failure = message.failure;
		return -1;
	}
	return message.kind == kind ? 0 : fail(failure, "setup", NULL, EPROTO);
}
