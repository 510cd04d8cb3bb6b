/* Operations of a session on trees of the host: layers, uppers, volumes. */
#include "fs.h"

#include "core/inodes.h"
#include "core/rootpath.h"
#include "core/tree_copy.h"
#include "core/tree_measure.h"
#include "core/tree_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Parents of a host path that ends in `path`'s last component. */
static int make_parents(char *path, mode_t mode)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int made;
		*slash = 0;
		made = mkdir(path, mode);
		*slash = '/';
		if (made < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* path; mode: 0700 when absent. Parents that are missing get the same mode. */
FS_OP(fs_make_directory)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	mode_t mode = (mode_t)wire_get_number(request, "mode", 0700);
	struct stat info;

	(void)session;
	(void)result;
	if (!path)
		return -1;
	if (mkdir(path, mode) < 0 && errno == ENOENT) {
		if (make_parents(path, mode) < 0)
			return fail(failure, "mkdir", path, errno);
		mkdir(path, mode);
	}
	/* An existing directory is left as it is. */
	if (stat(path, &info) < 0)
		return fail(failure, "mkdir", path, errno);
	return S_ISDIR(info.st_mode) ? 0 : fail(failure, "mkdir", path, ENOTDIR);
}

static int remove_path(const char *path, struct failure *failure)
{
	const char *slash = strrchr(path, '/');
	CLEANUP_FREE char *parent = strndup(path, slash && slash > path ? (size_t)(slash - path) : 1);
	CLEANUP_FD int directory = -1;

	if (!slash || !slash[1] || !parent)
		return fail(failure, "remove", path, EINVAL);
	directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return errno == ENOENT ? 0 : fail(failure, "remove", path, errno);
	return tree_remove(directory, slash + 1) < 0 ? fail(failure, "remove", path, errno) : 0;
}

/* path, repeated. */
FS_OP(fs_remove_tree)
{
	struct wire_field field;
	size_t at = 0;

	(void)session;
	(void)result;
	while (wire_next(request, &at, &field) == 1) {
		CLEANUP_FREE char *path = strndup(field.value, field.value_size);
		if (wire_field_is(&field, "path") && remove_path(path, failure) < 0)
			return -1;
	}
	return 0;
}

static int remove_inside(int root, char *path, struct failure *failure)
{
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	CLEANUP_FREE char *parent = strndup(path, slash ? (size_t)(slash - path) : 0);
	CLEANUP_FD int directory = -1;

	if (!parent)
		abort();
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return fail(failure, "remove", path, EINVAL);
	directory = root_open(root, parent, O_PATH | O_DIRECTORY, 0);
	if (directory < 0)
		return errno == ENOENT ? 0 : fail(failure, "remove", path, errno);
	return tree_remove(directory, name) < 0 ? fail(failure, "remove", path, errno) : 0;
}

/* mount; path, repeated: removed inside with all below, a link in its last component itself. */
FS_OP(fs_remove_all)
{
	int root = fs_mounted(session, request, "mount", failure);
	struct wire_field field;
	size_t at = 0;

	(void)result;
	if (root < 0)
		return -1;
	while (wire_next(request, &at, &field) == 1) {
		CLEANUP_FREE char *path = strndup(field.value, field.value_size);
		if (wire_field_is(&field, "path") && remove_inside(root, path, failure) < 0)
			return -1;
	}
	return 0;
}

/* path: all of its file system goes to the disk. */
FS_OP(fs_sync)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	CLEANUP_FD int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	(void)session;
	(void)result;
	if (!path)
		return -1;
	return fd < 0 || syncfs(fd) < 0 ? fail(failure, "sync", path, errno) : 0;
}

/* source, target: directories of the host; the target is created when missing. */
FS_OP(fs_copy_tree)
{
	CLEANUP_FREE char *source = fs_text(request, "source", failure);
	CLEANUP_FREE char *target = source ? fs_text(request, "target", failure) : NULL;
	CLEANUP_FD int from = -1;
	CLEANUP_FD int to = -1;

	(void)session;
	(void)result;
	if (!target)
		return -1;
	from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return fail(failure, "open", source, errno);
	if (mkdir(target, 0700) < 0 && errno != EEXIST)
		return fail(failure, "mkdir", target, errno);
	to = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return to < 0 ? fail(failure, "open", target, errno) : tree_copy(from, to, failure);
}

/*
 * mount, path: a directory of a rootfs; target: an existing directory of the host, which gets its content and
 * attributes. Answers with copied=1, or nothing when the path leads to no directory.
 */
FS_OP(fs_copy_out)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	CLEANUP_FREE char *target = path ? fs_text(request, "target", failure) : NULL;
	int root = target ? fs_mounted(session, request, "mount", failure) : -1;
	CLEANUP_FD int from = -1;
	CLEANUP_FD int to = -1;

	if (root < 0)
		return -1;
	from = root_open(root, path, O_RDONLY | O_DIRECTORY, 0);
	if (from < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail(failure, "open", path, errno);
	to = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return fail(failure, "open", target, errno);
	wire_add_number(result, "copied", 1);
	return tree_copy(from, to, failure);
}

/* path, repeated: directories of the host; missing ones hold nothing. Answers with bytes. */
FS_OP(fs_measure)
{
	CLEANUP_INODES struct inodes inodes = { 0 };
	struct wire_field field;
	uint64_t bytes = 0;
	size_t at = 0;

	(void)session;
	while (wire_next(request, &at, &field) == 1) {
		CLEANUP_FREE char *path = strndup(field.value, field.value_size);
		CLEANUP_FD int directory = -1;
		if (!wire_field_is(&field, "path"))
			continue;
		directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (directory < 0 && errno == ENOENT)
			continue;
		if (directory < 0 || tree_measure(directory, &inodes, &bytes) < 0)
			return fail(failure, "measure", path, errno);
	}
	wire_add_number(result, "bytes", (long long)bytes);
	return 0;
}
