/* A deterministic tar writer: ustar headers, pax records only where ustar has no room; sha256 over all of it. */
#ifndef SAMPAN_TAR_WRITE_H
#define SAMPAN_TAR_WRITE_H

#include "failure.h"
#include "sha256.h"
#include "tar_read.h"

#include <stddef.h>
#include <stdint.h>

#define TAR_BUFFER (256u * 1024u)

/* Where full buffers go; NULL when only the digest is wanted. 0, or -1 with errno. */
struct tar_sink {
	int (*write)(void *context, const void *data, size_t size);
	void *context;
};

struct tar_writer {
	struct tar_sink sink;
	uint8_t *buffer;
	size_t used;
	struct sha256 hash;
	/* Bytes written so far. */
	uint64_t total;
};

void tar_writer_start(struct tar_writer *writer, struct tar_sink sink);
void tar_writer_free(struct tar_writer *writer);

/*
 * A header for `entry`; directories' paths end with '/'. Times are cut to whole seconds, as other builders
 * do, so that a layer unpacked elsewhere packs to the same bytes. The caller appends `entry->size` bytes for files.
 */
int tar_write_entry(struct tar_writer *writer, const struct tar_entry *entry, struct failure *failure);
/* Exactly `size` bytes of an open file, then padding. ESTALE when it got shorter. `path` is for the report. */
int tar_write_file(struct tar_writer *writer, int fd, uint64_t size, const char *path, struct failure *failure);
/* The two empty blocks at the end, and the rest to the sink. */
int tar_write_end(struct tar_writer *writer, struct failure *failure);

#endif
