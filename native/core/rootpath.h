/* Paths inside a rootfs: every component, links included, is resolved below `root` (openat2(2) RESOLVE_IN_ROOT). */
#ifndef SAMPAN_ROOTPATH_H
#define SAMPAN_ROOTPATH_H

#include <sys/types.h>

/* Like openat(2) with O_CLOEXEC added; magic links are refused. -1 with errno. */
int root_open(int root, const char *path, int flags, mode_t mode);

/* Owner and mode of directories that root_make_directory creates. */
struct new_directory {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/*
 * `mkdir -p` below root; an O_PATH fd of the directory. Existing components are left as they are; one that is
 * no directory fails with ENOTDIR. -1 with errno.
 */
int root_make_directory(int root, const char *path, const struct new_directory *options);

/* An O_PATH fd of `path`, created empty with mode 0755 (parents as directories, the last as `type` S_IFDIR or S_IFREG) when missing. */
int root_open_or_make(int root, const char *path, mode_t type);

#endif
