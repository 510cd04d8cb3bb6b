/* How overlayfs writes deletions into an upper directory, and which extended attributes are not its own. */
#ifndef SAMPAN_MARKS_H
#define SAMPAN_MARKS_H

#include "tar_read.h"

#include <sys/stat.h>

/* A whiteout: a 0:0 character device (kernel Documentation/filesystems/overlayfs.rst). */
int is_whiteout(const struct stat *info);
/* Create a whiteout. 0 or -1 with errno. */
int make_whiteout(int directory, const char *name);
/* Mark an open directory as hiding what lies below it. 0 or -1 with errno. */
int set_opaque(int directory);
int is_opaque(int directory);

/*
 * Attributes of `name` in an open directory (of the descriptor itself when it is "") that belong to the file:
 * security.capability and user.*, sorted by name, overlayfs' own left out. 0 or -1 with errno.
 */
int read_xattrs(int directory, const char *name, struct tar_xattr **xattrs, size_t *count);
void free_xattrs(struct tar_xattr *xattrs, size_t count);
/*
 * Set attributes on `name`, which is not followed, or on the descriptor itself when it is "". overlayfs' own are
 * never set; those that this file system, kind of file or user namespace does not take are passed over, as other
 * engines do. 0 or -1 with errno.
 */
int write_xattrs(int directory, const char *name, const struct tar_xattr *xattrs, size_t count);

#endif
