/* A streaming tar reader: headers to entries, data by pieces, sha256 over everything that passes. */
#ifndef SAMPAN_TAR_READ_H
#define SAMPAN_TAR_READ_H

#include "failure.h"
#include "sha256.h"
#include "tar.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Where bytes come from: 1 and a piece that stays valid until the next call, 0 at the end, -1 with errno. */
struct tar_source {
	int (*next)(void *context, const uint8_t **data, size_t *size);
	void *context;
};

struct tar_xattr {
	char *name;
	uint8_t *value;
	size_t size;
};

/* Stored data of a sparse file lies at these places, zeros between them. */
struct tar_extent {
	uint64_t offset;
	uint64_t size;
};

struct tar_entry {
	/* Of enum tar_type; other kinds of members never come out of the reader. */
	char type;
	char *path;
	char *link;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	/* Length of the file, holes included. */
	uint64_t size;
	struct timespec mtime;
	unsigned int major;
	unsigned int minor;
	struct tar_xattr *xattrs;
	size_t xattr_count;
	int sparse;
	struct tar_extent *extents;
	size_t extent_count;
};

struct tar_reader {
	struct tar_source source;
	const uint8_t *at;
	size_t left;
	struct sha256 hash;
	/* Bytes received, padding and all. */
	uint64_t total;
	/* Stored data of the current entry that was not handed out yet, and the padding behind it. */
	uint64_t data_left;
	unsigned int padding;
	struct tar_entry entry;
};

void tar_reader_start(struct tar_reader *reader, struct tar_source source);
void tar_reader_free(struct tar_reader *reader);

/*
 * 1: reader->entry is the next member (valid until the next call; data not taken is skipped), 0: end of the
 * archive, -1: failure with step "tar"; EBADMSG for what is no tar or ends too early.
 */
int tar_next(struct tar_reader *reader, struct failure *failure);
/* 1 and the next piece of the entry's stored data, 0 when all was taken, -1. */
int tar_data(struct tar_reader *reader, const uint8_t **data, size_t *size, struct failure *failure);
/* Read the rest of the stream, so that hash and total cover all of it. 0 or -1. */
int tar_finish(struct tar_reader *reader, struct failure *failure);

#endif
