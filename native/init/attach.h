/*
 * The attach socket: any number of attachers get the output of a process and may write to it. Frames as in
 * server/protocol/attach.ts.
 *
 * An attacher that the process waited for (`waitForAttach`) is part of its stdio, as the terminal that ran
 * `docker run` is: it gets every byte, and the process waits when it does not read. Every other one is an
 * onlooker with a bounded queue: what does not fit is skipped and said so, the process never waits.
 */
#ifndef SAMPAN_ATTACH_H
#define SAMPAN_ATTACH_H

#include <stddef.h>
#include <stdint.h>

enum attach_stream {
	ATTACH_STDIN = 0,
	ATTACH_STDOUT = 1,
	ATTACH_STDERR = 2,
	ATTACH_EXIT = 3,
	ATTACH_RESIZE = 4,
	ATTACH_STDIN_END = 5,
	ATTACH_SIGNAL = 6,
};

/* What attachers make happen to the process. */
struct attach_events {
	/* Bytes for stdin. */
	void (*input)(const uint8_t *data, size_t size);
	void (*input_end)(void);
	void (*resize)(unsigned short rows, unsigned short columns);
	void (*signal)(int number);
	/* One connected; one that had written to stdin left. */
	void (*joined)(void);
	void (*writer_left)(void);
	/* An attacher that output waits for has read: there may be room again. */
	void (*room)(void);
};

/* Listen on `path` (replaced when it exists). 0 or -1 with errno. */
int attach_open(const char *path, const struct attach_events *events);
/* From now on the next one to connect is the one that the process waits for. */
void attach_expect_foreground(void);
/* Send output to all. */
void attach_output(enum attach_stream stream, const uint8_t *data, size_t size);
/* 1 when every attacher that must get all bytes has room for the largest read. */
int attach_has_room(void);
/* Read no frames while this is set: stdin is full. */
void attach_pause_input(int paused);
/* No new attachers; queues may grow to hold what is left, for nobody produces any more. */
void attach_close_listener(void);
/* Send the exit frame to all; attachers go when they have read everything. */
void attach_exit(const char *json);
/* Attachers that still have something to get. */
int attach_pending(void);
/* Drop onlookers that do not read, and all who got everything and do not leave: the end does not wait for them. */
void attach_drop_onlookers(void);

#endif
