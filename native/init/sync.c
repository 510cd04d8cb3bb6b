#include "sync.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int sync_send(int socket, const struct sync_message *message, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { (void *)message, sizeof *message };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *item;
		header.msg_control = control;
		header.msg_controllen = sizeof control;
		item = CMSG_FIRSTHDR(&header);
		item->cmsg_level = SOL_SOCKET;
		item->cmsg_type = SCM_RIGHTS;
		item->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(item), &fd, sizeof fd);
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int sync_receive(int socket, struct sync_message *message, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { message, sizeof *message };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *item;
	ssize_t got;

	/* ECONNRESET: the other side ended with messages of ours unread. It is told once, before its own last message. */
	do
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0)
		return -1;
	if (got == 0)
		return 0;
	if (got != sizeof *message || header.msg_flags & MSG_CTRUNC) {
		errno = EBADMSG;
		return -1;
	}
	if (fd)
		*fd = -1;
	item = CMSG_FIRSTHDR(&header);
	if (item && item->cmsg_type == SCM_RIGHTS && fd)
		memcpy(fd, CMSG_DATA(item), sizeof *fd);
	return 1;
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
