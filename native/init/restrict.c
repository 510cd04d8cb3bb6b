/* Masked and read-only paths, the last changes to a container's mounts. */
#include "rootfs.h"

#include "core/mounts.h"
#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What hides a path: the null device for files, one empty read-only tmpfs for directories. */
struct cover {
	int null;
	int empty;
};

/* The node in the /dev that the helper just made, checked: an image or volume cannot have put anything there (CVE-2025-31133). */
static int open_null(int root)
{
	struct stat info;
	int fd = root_open(root, "/dev/null", O_PATH | O_NOFOLLOW, 0);

	if (fd >= 0 && (fstat(fd, &info) < 0 || !S_ISCHR(info.st_mode) || info.st_rdev != makedev(1, 3))) {
		close(fd);
		errno = ENODEV;
		return -1;
	}
	return fd;
}

static int cover_directory(struct cover *cover, int target)
{
	static const char *const options[] = { "size", "4k", "mode", "755", NULL };
	CLEANUP_FD int copy = -1;

	if (cover->empty < 0) {
		cover->empty = new_filesystem("tmpfs", options, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
		return cover->empty < 0 ? -1 : attach_at(cover->empty, target);
	}
	copy = clone_tree(cover->empty, "");
	return copy < 0 ? -1 : attach_at(copy, target);
}

static int mask(int root, const char *path, struct cover *cover, struct failure *failure)
{
	CLEANUP_FD int target = root_open(root, path, O_PATH, 0);
	CLEANUP_FD int copy = -1;
	struct stat info;

	if (target < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail(failure, "mask", path, errno);
	if (fstat(target, &info) < 0)
		return fail(failure, "mask", path, errno);
	if (S_ISDIR(info.st_mode))
		return cover_directory(cover, target) < 0 ? fail(failure, "mask", path, errno) : 0;
	copy = clone_tree(cover->null, "");
	if (copy < 0 || attach_at(copy, target) < 0)
		return fail(failure, "mask", path, errno);
	return 0;
}

static int mask_all(int root, const struct text_list *paths, struct failure *failure)
{
	struct cover cover = { .null = -1, .empty = -1 };
	int result = 0;

	if (paths->count == 0)
		return 0;
	cover.null = open_null(root);
	if (cover.null < 0)
		return fail(failure, "mask", "/dev/null", errno);
	for (size_t i = 0; i < paths->count && result == 0; i++)
		result = mask(root, paths->items[i], &cover, failure);
	close_owned(&cover.null);
	close_owned(&cover.empty);
	return result;
}

static int make_read_only(int root, const char *path, struct failure *failure)
{
	CLEANUP_FD int target = root_open(root, path, O_PATH, 0);
	CLEANUP_FD int copy = -1;

	if (target < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail(failure, "read-only", path, errno);
	copy = clone_tree(target, "");
	if (copy < 0 || restrict_tree(copy, MOUNT_ATTR_RDONLY) < 0 || attach_at(copy, target) < 0)
		return fail(failure, "read-only", path, errno);
	return 0;
}

int rootfs_restrict(const struct monitor_spec *spec, int root, struct failure *failure)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < spec->read_only_paths.count; i++)
		if (make_read_only(root, spec->read_only_paths.items[i], failure) < 0)
			return -1;
	if (mask_all(root, &spec->masked_paths, failure) < 0)
		return -1;
	if (spec->read_only_rootfs && mount_setattr(root, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0)
		return fail(failure, "read-only", "/", errno);
	return 0;
}
