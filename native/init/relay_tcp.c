#include "relay.h"

#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPLICE_BYTES (64 * 1024)
/* Rounds before others get their turn. */
#define ROUNDS 32

struct pair;

struct end {
	struct loop_source source;
	struct pair *pair;
};

/* One direction: from one end into a pipe, out of the pipe into the other end. */
struct flow {
	int pipe[2];
	size_t held;
	int ended;
	int done;
};

struct pair {
	struct end ends[2];
	/* flows[i] reads from ends[i]. */
	struct flow flows[2];
};

static const uint32_t edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

static void end_pair(struct pair *pair, int reset)
{
	static const struct linger at_once = { .l_onoff = 1 };

	for (int i = 0; i < 2; i++) {
		/* What failed on one side must not look like an orderly end on the other. */
		if (reset && pair->ends[i].source.fd >= 0)
			setsockopt(pair->ends[i].source.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		loop_close(&pair->ends[i].source);
		if (pair->flows[i].pipe[0] >= 0)
			close(pair->flows[i].pipe[0]);
		if (pair->flows[i].pipe[1] >= 0)
			close(pair->flows[i].pipe[1]);
	}
	free(pair);
}

static int blocked(void)
{
	return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
}

/* Move until one side would block. 1: more to do, 0: wait for an event, -1: broken. */
static int pump(struct flow *flow, int from, int to)
{
	for (int round = 0; round < ROUNDS && !flow->done; round++) {
		ssize_t moved;
		if (flow->held == 0 && !flow->ended) {
			moved = splice(from, NULL, flow->pipe[1], NULL, SPLICE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
			if (moved < 0)
				return blocked() ? 0 : -1;
			flow->ended = moved == 0;
			flow->held = (size_t)moved;
		}
		if (flow->held > 0) {
			moved = splice(flow->pipe[0], NULL, to, NULL, flow->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
			if (moved < 0)
				return blocked() ? 0 : -1;
			flow->held -= (size_t)moved;
		}
		if (flow->ended && flow->held == 0) {
			flow->done = 1;
			if (shutdown(to, SHUT_WR) < 0 && errno == ENOTCONN)
				return -1;
		}
	}
	return !flow->done;
}

static void run_end(struct loop_source *source, uint32_t events)
{
	struct pair *pair = ((struct end *)source)->pair;
	int error = 0;
	socklen_t size = sizeof error;

	if (events & EPOLLERR && getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error) {
		end_pair(pair, 1);
		return;
	}
	for (int i = 0; i < 2; i++) {
		int more = pump(&pair->flows[i], pair->ends[i].source.fd, pair->ends[1 - i].source.fd);
		if (more < 0) {
			end_pair(pair, 1);
			return;
		}
		if (more)
			loop_rearm(&pair->ends[i].source);
	}
	if (pair->flows[0].done && pair->flows[1].done)
		end_pair(pair, 0);
}

void relay_tcp(int client, relay_dial dial, const void *target)
{
	struct pair *pair = calloc(1, sizeof *pair);
	int fds[2] = { client, pair ? dial(target) : -1 };
	int complete = pair && fds[1] >= 0;

	for (int i = 0; pair && i < 2; i++) {
		pair->flows[i].pipe[0] = pair->flows[i].pipe[1] = -1;
		complete = complete && pipe2(pair->flows[i].pipe, O_CLOEXEC | O_NONBLOCK) == 0;
		pair->ends[i] = (struct end){ { .fd = fds[i], .run = run_end }, pair };
	}
	if (!pair) {
		close(client);
		return;
	}
	if (!complete) {
		end_pair(pair, 1);
		return;
	}
	loop_add(&pair->ends[0].source, edges);
	loop_add(&pair->ends[1].source, edges);
}
