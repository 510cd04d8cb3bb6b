/* A small epoll loop: sources with a handler each, and one timer. */
#ifndef SAMPAN_LOOP_H
#define SAMPAN_LOOP_H

#include <stdint.h>

struct loop_source {
	int fd;
	uint32_t events;
	void (*run)(struct loop_source *source, uint32_t events);
};

/* Nothing when there is one. */
void loop_init(void);
/* Watch `fd` for `events` (EPOLLIN, ...; 0 watches errors alone). Aborts when the kernel is out of memory. */
void loop_add(struct loop_source *source, uint32_t events);
void loop_change(struct loop_source *source, uint32_t events);
/* Report an edge-triggered source again although nothing new came. */
void loop_rearm(struct loop_source *source);
/* Stop watching and close. The memory may be freed at once: no event of it is delivered any more. */
void loop_close(struct loop_source *source);

/* Call `run` every `milliseconds` from now on; 0 stops. */
void loop_timer(int milliseconds, void (*run)(void));
/* Wait for events and handle them, once. */
void loop_once(void);

#endif
