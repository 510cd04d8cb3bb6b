#include "tree_copy.h"

#include "attributes.h"
#include "file_copy.h"
#include "inodes.h"
#include "marks.h"
#include "names.h"
#include "owners.h"
#include "tree_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copying {
	/* The top of the copy, from which earlier names of an inode are linked. */
	int top;
	struct inodes inodes;
	struct failure *failure;
};

/* A file on its way: the same name in both directories. */
struct step {
	int from;
	struct place to;
	struct stat info;
};

static int copy_directory(struct copying *copying, int from, int to, const char *prefix);

static int failed(struct copying *copying, const char *what, const struct step *step)
{
	return fail(copying->failure, what, step->to.path, errno);
}

static int copy_file(struct copying *copying, const struct step *step, const struct attributes *attributes)
{
	CLEANUP_FD int from = openat(step->from, step->to.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP_FD int to = -1;

	if (from < 0)
		return failed(copying, "open", step);
	to = openat(step->to.directory, step->to.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return failed(copying, "create", step);
	if (file_copy(from, to, &step->info) < 0)
		return failed(copying, "write", step);
	return attributes_set(&step->to, to, attributes, copying->failure);
}

static int copy_subdirectory(struct copying *copying, const struct step *step, const struct attributes *attributes)
{
	CLEANUP_FD int from = openat(step->from, step->to.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP_FD int to = -1;

	if (from < 0)
		return failed(copying, "open", step);
	if (mkdirat(step->to.directory, step->to.name, 0700) < 0 && errno != EEXIST)
		return failed(copying, "mkdir", step);
	to = openat(step->to.directory, step->to.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return failed(copying, "mkdir", step);
	if (is_opaque(from) && set_opaque(to) < 0)
		return failed(copying, "setxattr", step);
	if (copy_directory(copying, from, to, step->to.path) < 0)
		return -1;
	return attributes_set(&step->to, to, attributes, copying->failure);
}

static int copy_symlink(struct copying *copying, const struct step *step, const struct attributes *attributes)
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(step->from, step->to.name, target, sizeof target - 1);

	if (size < 0)
		return failed(copying, "readlink", step);
	target[size] = 0;
	if (symlinkat(target, step->to.directory, step->to.name) < 0)
		return failed(copying, "symlink", step);
	return attributes_set(&step->to, -1, attributes, copying->failure);
}

static int copy_special(struct copying *copying, const struct step *step, const struct attributes *attributes)
{
	if (mknodat(step->to.directory, step->to.name, step->info.st_mode, step->info.st_rdev) < 0)
		return failed(copying, "mknod", step);
	return attributes_set(&step->to, -1, attributes, copying->failure);
}

/* 1 when it became a link to what was copied before, 0 when not, -1. */
static int copy_as_link(struct copying *copying, const struct step *step)
{
	const char *first;

	if (step->info.st_nlink < 2 || S_ISDIR(step->info.st_mode))
		return 0;
	first = inodes_meet(&copying->inodes, &step->info, step->to.path);
	if (!first)
		return 0;
	if (linkat(copying->top, first, step->to.directory, step->to.name, 0) < 0)
		return failed(copying, "link", step);
	return 1;
}

static int copy_kind(struct copying *copying, const struct step *step, const struct attributes *attributes)
{
	switch (step->info.st_mode & S_IFMT) {
	case S_IFREG:
		return copy_file(copying, step, attributes);
	case S_IFDIR:
		return copy_subdirectory(copying, step, attributes);
	case S_IFLNK:
		return copy_symlink(copying, step, attributes);
	case S_IFSOCK:
		return 0;
	default:
		return copy_special(copying, step, attributes);
	}
}

static int clear_place(struct copying *copying, const struct step *step)
{
	struct stat old;

	if (fstatat(step->to.directory, step->to.name, &old, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : failed(copying, "stat", step);
	if (S_ISDIR(old.st_mode) && S_ISDIR(step->info.st_mode))
		return 0;
	return tree_remove(step->to.directory, step->to.name) < 0 ? failed(copying, "remove", step) : 0;
}

static struct attributes attributes_of(const struct stat *info)
{
	struct attributes attributes = {
		.uid = info->st_uid,
		.gid = info->st_gid,
		.mode = info->st_mode & 07777,
		.mtime = info->st_mtim,
	};

	owner_adapt(&attributes.uid, &attributes.gid);
	return attributes;
}

static int copy_entry(struct copying *copying, int from, const struct place *to)
{
	struct step step = { .from = from, .to = *to };
	struct attributes attributes;
	struct tar_xattr *xattrs;
	int result;

	if (fstatat(from, to->name, &step.info, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(copying, "stat", &step);
	if (clear_place(copying, &step) < 0)
		return -1;
	result = copy_as_link(copying, &step);
	if (result != 0)
		return result < 0 ? -1 : 0;
	attributes = attributes_of(&step.info);
	if (read_xattrs(from, to->name, &xattrs, &attributes.xattr_count) < 0)
		return failed(copying, "getxattr", &step);
	attributes.xattrs = xattrs;
	result = copy_kind(copying, &step, &attributes);
	free_xattrs(xattrs, attributes.xattr_count);
	return result;
}

static int copy_directory(struct copying *copying, int from, int to, const char *prefix)
{
	CLEANUP_NAMES struct names names = { 0 };

	if (names_read(from, &names) < 0)
		return fail(copying->failure, "readdir", prefix, errno);
	for (size_t i = 0; i < names.count; i++) {
		CLEANUP_FREE char *path = path_join(prefix, names.list[i]);
		if (copy_entry(copying, from, &(struct place){ to, names.list[i], path }) < 0)
			return -1;
	}
	return 0;
}

int tree_copy(int from, int to, struct failure *failure)
{
	struct copying copying = { .top = to, .failure = failure };
	struct attributes attributes;
	struct tar_xattr *xattrs;
	struct stat info;
	int result;

	if (fstat(from, &info) < 0)
		return fail(failure, "stat", "", errno);
	result = copy_directory(&copying, from, to, "");
	inodes_free(&copying.inodes);
	attributes = attributes_of(&info);
	if (result < 0 || read_xattrs(from, "", &xattrs, &attributes.xattr_count) < 0)
		return result < 0 ? -1 : fail(failure, "getxattr", "", errno);
	attributes.xattrs = xattrs;
	result = attributes_set(&(struct place){ to, "", "" }, to, &attributes, failure);
	free_xattrs(xattrs, attributes.xattr_count);
	return result;
}
