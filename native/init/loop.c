#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32

static int instance = -1;
static struct epoll_event batch[BATCH];
static int batch_size;
static void (*timer_run)(void);
static long long timer_due;
static int timer_every;

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

void loop_init(void)
{
	if (instance >= 0)
		return;
	instance = epoll_create1(EPOLL_CLOEXEC);
	if (instance < 0)
		abort();
}

static void control(int operation, struct loop_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	source->events = events;
	if (epoll_ctl(instance, operation, source->fd, &event) < 0)
		abort();
}

void loop_add(struct loop_source *source, uint32_t events)
{
	control(EPOLL_CTL_ADD, source, events);
}

void loop_change(struct loop_source *source, uint32_t events)
{
	if (source->events != events)
		control(EPOLL_CTL_MOD, source, events);
}

void loop_rearm(struct loop_source *source)
{
	control(EPOLL_CTL_MOD, source, source->events);
}

void loop_close(struct loop_source *source)
{
	if (source->fd < 0)
		return;
	/* Removed by hand: a copy of the descriptor in a child would keep a closed one in the set. */
	epoll_ctl(instance, EPOLL_CTL_DEL, source->fd, NULL);
	close(source->fd);
	source->fd = -1;
	for (int i = 0; i < batch_size; i++)
		if (batch[i].data.ptr == source)
			batch[i].data.ptr = NULL;
}

void loop_timer(int milliseconds, void (*run)(void))
{
	timer_every = milliseconds;
	timer_run = run;
	timer_due = now() + milliseconds;
}

static int wait_limit(void)
{
	long long left;

	if (!timer_every)
		return -1;
	left = timer_due - now();
	return left > 0 ? (int)left : 0;
}

void loop_once(void)
{
	batch_size = epoll_wait(instance, batch, BATCH, wait_limit());
	for (int i = 0; i < batch_size; i++) {
		struct loop_source *source = batch[i].data.ptr;
		if (source)
			source->run(source, batch[i].events);
	}
	batch_size = 0;
	if (timer_every && now() >= timer_due) {
		timer_due = now() + timer_every;
		timer_run();
	}
}
