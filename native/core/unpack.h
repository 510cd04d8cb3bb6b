/* Unpacking a tar into a directory, every path confined to it. */
#ifndef SAMPAN_UNPACK_H
#define SAMPAN_UNPACK_H

#include "failure.h"
#include "tar_read.h"

#include <stdint.h>

struct unpack_options {
	/* Whiteout names become overlayfs' own marks; otherwise they are names like any other. */
	int layer;
	/* Give all members this owner; negative: each its own. */
	int64_t uid;
	int64_t gid;
};

struct unpack_totals {
	/* Members, the root directory itself not counted. */
	uint64_t entries;
	/* Bytes of regular files. */
	uint64_t content_size;
	/* Device nodes that a user namespace cannot make, left out. */
	uint64_t devices_skipped;
};

/* Unpack all members below `root` (an open directory) and read the stream to its end. 0 or -1. */
int unpack(int root, struct tar_reader *reader, const struct unpack_options *options, struct unpack_totals *totals,
	   struct failure *failure);

#endif
