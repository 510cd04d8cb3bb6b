#include "outside.h"

#include "egress.h"
#include "fdpass.h"
#include "holder.h"
#include "listen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum request_kind { REQUEST_LISTEN = 1, REQUEST_EGRESS };

/* Sent with one end of a socket pair, on which the answer comes: any number may ask at once. */
struct request {
	enum request_kind kind;
	struct port_spec port;
};

struct reply {
	int error;
	struct port_spec port;
	char egress[16];
};

static void answer(int socket, const struct request *request, pid_t inside)
{
	struct reply reply = { .port = request->port };
	CLEANUP_FD int fd = -1;

	if (request->kind == REQUEST_LISTEN) {
		fd = listen_on(&reply.port);
		reply.error = fd < 0 ? errno : 0;
	} else {
		strncpy(reply.egress, egress_start(inside), sizeof reply.egress - 1);
	}
	fdpass_send(socket, &reply, sizeof reply, fd);
}

_Noreturn void outside_serve(int control, pid_t inside)
{
	struct request request;
	int reply, got;

	process_title("sampan-outside");
	/* Whoever waits for readiness hears of it from inside: our copy of that descriptor must not keep it open. */
	if (holder.ready >= 0)
		close(holder.ready);
	while ((got = fdpass_receive(control, &request, sizeof request, &reply)) != 0) {
		if (got > 0 && reply >= 0)
			answer(reply, &request, inside);
		else if (got < 0 && errno != EBADMSG)
			break;
		close_owned(&reply);
	}
	egress_stop();
	waitpid(inside, NULL, 0);
	_exit(0);
}

int outside_is_there(void)
{
	return holder.outside >= 0;
}

static int ask(const struct request *request, struct reply *reply, int *fd)
{
	int pair[2], got;

	*fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	got = fdpass_send(holder.outside, request, sizeof *request, pair[1]);
	close(pair[1]);
	if (got == 0)
		got = fdpass_receive(pair[0], reply, sizeof *reply, fd);
	close(pair[0]);
	if (got == 1)
		return 0;
	errno = got == 0 ? EPIPE : errno;
	return -1;
}

int outside_listen(struct port_spec *port)
{
	struct request request = { .kind = REQUEST_LISTEN, .port = *port };
	struct reply reply;
	int fd;

	if (ask(&request, &reply, &fd) < 0)
		return -1;
	errno = reply.error ? reply.error : EBADMSG;
	port->host_port = reply.port.host_port;
	return fd;
}

const char *outside_egress(void)
{
	static struct reply reply;
	struct request request = { .kind = REQUEST_EGRESS };
	int fd;

	return ask(&request, &reply, &fd) < 0 ? "none" : reply.egress;
}
