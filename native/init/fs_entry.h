/* How a file of a rootfs is told to the server. */
#ifndef SAMPAN_FS_ENTRY_H
#define SAMPAN_FS_ENTRY_H

#include "core/attributes.h"
#include "core/failure.h"
#include "core/wire.h"

#include <sys/stat.h>

/*
 * Fields of the file at a place (name "": of the descriptor itself, which may be one of O_PATH): path, type
 * (st_mode's, as a number of 4 bits), mode, uid, gid, size, mtime (nanoseconds), and where they mean something
 * link, major, minor, inode (`dev:ino`) and xattr (name, NUL, value), repeated. 0 or -1.
 */
int fs_entry_describe(struct wire_fields *fields, const struct place *place, const struct stat *info,
		      struct failure *failure);

#endif
