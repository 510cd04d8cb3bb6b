#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int fail(struct failure *failure, const char *step, const char *path, int error)
{
	snprintf(failure->step, sizeof failure->step, "%s", step);
	snprintf(failure->path, sizeof failure->path, "%s", path ? path : "");
	failure->error = error ? error : EIO;
	failure->reason[0] = 0;
	return -1;
}

int fail_because(struct failure *failure, const char *step, const char *path, int error, const char *format, ...)
{
	va_list arguments;

	fail(failure, step, path, error);
	va_start(arguments, format);
	vsnprintf(failure->reason, sizeof failure->reason, format, arguments);
	va_end(arguments);
	return -1;
}

void close_owned(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

void free_owned(void *pointer)
{
	free(*(void **)pointer);
}
