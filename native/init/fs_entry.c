#include "fs_entry.h"

#include "core/marks.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int add_link(struct wire_fields *fields, const struct place *place, struct failure *failure)
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(place->directory, place->name, target, sizeof target);

	if (size < 0)
		return fail(failure, "readlink", place->path, errno);
	wire_add_bytes(fields, "link", target, (size_t)size);
	return 0;
}

static int add_xattrs(struct wire_fields *fields, const struct place *place, struct failure *failure)
{
	struct tar_xattr *xattrs;
	size_t count;

	if (read_xattrs(place->directory, place->name, &xattrs, &count) < 0)
		return fail(failure, "getxattr", place->path, errno);
	for (size_t i = 0; i < count; i++) {
		size_t name_size = strlen(xattrs[i].name) + 1;
		CLEANUP_FREE char *both = malloc(name_size + xattrs[i].size);
		if (!both)
			abort();
		memcpy(both, xattrs[i].name, name_size);
		memcpy(both + name_size, xattrs[i].value, xattrs[i].size);
		wire_add_bytes(fields, "xattr", both, name_size + xattrs[i].size);
	}
	free_xattrs(xattrs, count);
	return 0;
}

static void add_inode(struct wire_fields *fields, const struct stat *info)
{
	char inode[48];

	snprintf(inode, sizeof inode, "%" PRIx64 ":%" PRIu64, (uint64_t)info->st_dev, (uint64_t)info->st_ino);
	wire_add(fields, "inode", inode);
}

int fs_entry_describe(struct wire_fields *fields, const struct place *place, const struct stat *info,
		      struct failure *failure)
{
	mode_t type = info->st_mode & S_IFMT;

	wire_add(fields, "path", place->path);
	wire_add_number(fields, "type", type >> 12);
	wire_add_number(fields, "mode", info->st_mode & 07777);
	wire_add_number(fields, "uid", info->st_uid);
	wire_add_number(fields, "gid", info->st_gid);
	wire_add_number(fields, "size", info->st_size);
	wire_add_number(fields, "mtime", info->st_mtim.tv_sec * 1000000000LL + info->st_mtim.tv_nsec);
	if (type == S_IFLNK && add_link(fields, place, failure) < 0)
		return -1;
	if (type == S_IFCHR || type == S_IFBLK) {
		wire_add_number(fields, "major", major(info->st_rdev));
		wire_add_number(fields, "minor", minor(info->st_rdev));
	}
	if (type != S_IFDIR && info->st_nlink > 1)
		add_inode(fields, info);
	/* Linux keeps user.* and capabilities of symbolic links nowhere. */
	return type == S_IFLNK ? 0 : add_xattrs(fields, place, failure);
}
