#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int fail(struct failure *failure, const char *step, const char *path, int error)
{
	snprintf(failure->step, sizeof failure->step, "%s", step);
	snprintf(failure->path, sizeof failure->path, "%s", path ? path : "");
	failure->error = error ? error : EIO;
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
