/* The container's log in docker's json-file format: one `{"log":…,"stream":…,"time":…}` a line. */
#ifndef SAMPAN_LOG_H
#define SAMPAN_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_stream { LOG_STDOUT, LOG_STDERR };

/*
 * Append to `<directory>/log`, renamed to log.1, log.2, … when it would pass `max_bytes` (0: never), at most
 * `max_files` of them in all. 0 or -1 with errno.
 */
int log_open(const char *directory, long long max_bytes, int max_files);

/*
 * Lines of one stream. A line longer than 16 KiB becomes several records, as docker cuts them; an unfinished
 * line waits for its rest. A full disk loses records, never the container. Nothing happens without log_open.
 */
void log_write(enum log_stream stream, const uint8_t *data, size_t size);

/* Write unfinished lines; the end of the container's output. */
void log_finish(void);

#endif
