/* Packing directories into a deterministic tar: byte order, parents first, nothing that depends on the host. */
#ifndef SAMPAN_PACK_H
#define SAMPAN_PACK_H

#include "failure.h"
#include "inodes.h"
#include "tar_write.h"

#include <stdint.h>

/* Seconds since 1970, both included. */
struct pack_times {
	int64_t earliest;
	int64_t latest;
};

#define PACK_ANY_TIME ((struct pack_times){ INT64_MIN, INT64_MAX })

struct packing {
	struct tar_writer *writer;
	/* overlayfs' marks become whiteout names; otherwise whiteouts are left out. */
	int layer;
	/* Modification times outside are written as the nearer bound. */
	struct pack_times times;
	/* Members written, whiteouts too. */
	uint64_t entries;
	/* Bytes of regular files. */
	uint64_t content_size;
	struct inodes inodes;
};

/* All that is in an open directory (not itself), named below `prefix` ("" or a path without '/' at its ends). 0 or -1. */
int pack_directory(struct packing *packing, int directory, const char *prefix, struct failure *failure);
/* `name` in an open directory and all below it, called `path` in the archive. Sockets are left out: tar has none. 0 or -1. */
int pack_entry(struct packing *packing, int directory, const char *name, const char *path, struct failure *failure);

#endif
