/* Asking a holder to leave without its idle time: for whoever removes a state folder as a whole. */
#include "dismiss.h"

#include "core/failure.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* The process that listens, by the credentials that the kernel took when it began to. */
static int open_listener_process(const char *run)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred owner;
	socklen_t size = sizeof owner;
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/holder.sock", run);

	if ((size_t)length >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &size) < 0)
		return -1;
	return (int)syscall(SYS_pidfd_open, owner.pid, 0);
}

int dismiss(const char *run)
{
	CLEANUP_FD int process = open_listener_process(run);
	struct pollfd polled = { .fd = process, .events = POLLIN };

	if (process < 0 && (errno == ENOENT || errno == ECONNREFUSED || errno == ESRCH))
		return 0;
	if (process < 0 || syscall(SYS_pidfd_send_signal, process, SIGTERM, NULL, 0) < 0) {
		perror("sampan-init: dismiss");
		return 1;
	}
	if (poll(&polled, 1, PATIENCE_MS) == 1)
		return 0;
	fprintf(stderr, "sampan-init: the holder of %s still has containers or sessions\n", run);
	return 1;
}
