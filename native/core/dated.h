/* Directories whose times are set last, because what is put into them changes them. */
#ifndef SAMPAN_DATED_H
#define SAMPAN_DATED_H

#include "failure.h"

#include <stddef.h>
#include <time.h>

struct dated_directory {
	char *path;
	struct timespec mtime;
};

struct dated {
	struct dated_directory *list;
	size_t count;
};

/* `path` is a root path. */
void dated_add(struct dated *dated, const char *path, struct timespec mtime);
/* Set all times below `root`; a path that is no directory any more is passed over. 0 or -1. */
int dated_apply(const struct dated *dated, int root, struct failure *failure);
void dated_free(struct dated *dated);

#endif
