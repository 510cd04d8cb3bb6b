/* Owner, mode, extended attributes and time of a file, set in the order that keeps them all. */
#ifndef SAMPAN_ATTRIBUTES_H
#define SAMPAN_ATTRIBUTES_H

#include "failure.h"
#include "tar_read.h"

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct attributes {
	uint32_t uid;
	uint32_t gid;
	/* Permissions with set-id bits; only for what is given with a descriptor. */
	mode_t mode;
	/* tv_nsec may be UTIME_OMIT. */
	struct timespec mtime;
	const struct tar_xattr *xattrs;
	size_t xattr_count;
};

/* `name` in an open directory; `path` is what reports call it. */
struct place {
	int directory;
	const char *name;
	const char *path;
};

/* `fd` is open on regular files and directories, -1 for other kinds, which are never followed. 0 or -1. */
int attributes_set(const struct place *place, int fd, const struct attributes *attributes, struct failure *failure);

#endif
