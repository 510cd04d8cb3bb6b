/* Parts of the tar reader: extended headers and numbers. */
#ifndef SAMPAN_TAR_PAX_H
#define SAMPAN_TAR_PAX_H

#include "tar_read.h"

/* What extended headers said about the member that follows them. */
struct tar_extended {
	struct tar_entry entry;
	int has_size, has_uid, has_gid, has_mtime;
	/* GNU sparse files in pax form: 0 none, else 1 with the map in records or 2 with the map in the data. */
	int sparse;
	int has_real_size;
	uint64_t real_size;
};

/* Octal with blanks around it, or GNU base-256. 0, or -1 when it is neither. */
int tar_number(const char *field, size_t size, int64_t *value);
/* Read the records of a pax header into `extended`; later ones win. 0 or -1 when malformed. */
int tar_pax_parse(struct tar_extended *extended, const char *records, size_t size);
void tar_add_extent(struct tar_entry *entry, uint64_t offset, uint64_t size);
void tar_entry_free(struct tar_entry *entry);

#endif
