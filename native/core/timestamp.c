#include "timestamp.h"

#include <stdio.h>
#include <time.h>

void timestamp(char text[TIMESTAMP_SIZE])
{
	struct timespec now;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(text, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, TIMESTAMP_SIZE - used, ".%09ldZ", now.tv_nsec);
}
