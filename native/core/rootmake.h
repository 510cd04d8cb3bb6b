/* Making directories inside a rootfs where images put obstacles: dangling links and whiteouts. */
#ifndef SAMPAN_ROOTMAKE_H
#define SAMPAN_ROOTMAKE_H

#include <sys/types.h>

struct root_make {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	/* The root is an upper directory: a whiteout in the way gives room to an opaque directory. */
	int upper;
	/* Told each directory that was created, root path without leading '/'; may be NULL. */
	void (*made)(void *context, const char *path);
	void *context;
};

/*
 * `mkdir -p` below root; an O_PATH fd of the directory. A dangling link is followed inside the root and what
 * it names is created. Existing directories are left as they are; anything else in the way is ENOTDIR. -1 with errno.
 */
int root_make_directories(int root, const char *path, const struct root_make *options);

#endif
