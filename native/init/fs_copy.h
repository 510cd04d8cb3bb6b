/* One thing to put into a rootfs, as the server sends it. */
#ifndef SAMPAN_FS_COPY_H
#define SAMPAN_FS_COPY_H

#include "fs.h"

#include "core/attributes.h"

#include <sys/types.h>

struct copy_entry {
	/* S_IFREG and so on. */
	mode_t type;
	char *target;
	/* Below the source root; NULL when content or nothing is given. */
	char *source;
	uint8_t *content;
	size_t content_size;
	char *link;
	unsigned int major;
	unsigned int minor;
	/* Negative: none. */
	long long group;
	/* A directory that exists gets these attributes too. */
	int update;
	struct attributes attributes;
	struct tar_xattr *xattrs;
};

/* The next record of the input. 1, 0 at the end, -1. */
int copy_entry_read(struct fs_input *input, struct copy_entry *entry, struct failure *failure);
void copy_entry_free(struct copy_entry *entry);

#endif
