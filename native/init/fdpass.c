#include "fdpass.h"

#include "core/failure.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int fdpass_send(int socket, const void *data, size_t size, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { (void *)data, size };
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

int fdpass_receive(int socket, void *data, size_t size, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { data, size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *item;
	ssize_t got;

	/* ECONNRESET: the other side ended with messages of ours unread. It is told once, before its own last message. */
	do
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	*fd = -1;
	if (got <= 0)
		return (int)got;
	item = CMSG_FIRSTHDR(&header);
	if (item && item->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(item), sizeof *fd);
	if ((size_t)got == size && !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 1;
	close_owned(fd);
	*fd = -1;
	errno = EBADMSG;
	return -1;
}
