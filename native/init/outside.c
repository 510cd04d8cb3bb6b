#include "outside.h"

#include "holder.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void outside_serve(int control, pid_t inside)
{
	char request[256];

	process_title("sampan-outside");
	/* Whoever waits for readiness hears of it from inside: our copy of that descriptor must not keep it open. */
	if (holder.ready >= 0)
		close(holder.ready);
	for (;;) {
		ssize_t got = recv(control, request, sizeof request, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
	}
	waitpid(inside, NULL, 0);
	_exit(0);
}
