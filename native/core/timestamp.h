#ifndef SAMPAN_TIMESTAMP_H
#define SAMPAN_TIMESTAMP_H

#define TIMESTAMP_SIZE 40

/* The time of day in UTC, RFC 3339 with nanoseconds, as docker writes it. */
void timestamp(char text[TIMESTAMP_SIZE]);

#endif
