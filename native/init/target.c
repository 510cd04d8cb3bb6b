#include "target.h"

#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MQUEUE_MAGIC
#define MQUEUE_MAGIC 0x19800202
#endif

static int refuse(const char *path, struct failure *failure)
{
	return fail(failure, "mount-protected", path, EPERM);
}

/* The helper itself reads and writes there while it sets up (CVE-2023-27561). */
int target_check_name(const char *path, struct failure *failure)
{
	const char *at = path + strspn(path, "/");
	int inside_proc = strncmp(at, "proc", 4) == 0 && (at[4] == 0 || at[4] == '/');

	return inside_proc ? refuse(path, failure) : 0;
}

/* Our own tmpfs are known by their device numbers: others are the user's. */
static int inside_own(int root, const char *place, const struct stat *info)
{
	CLEANUP_FD int fd = root_open(root, place, O_PATH | O_NOFOLLOW, 0);
	struct stat own;

	return fd >= 0 && fstat(fd, &own) == 0 && own.st_dev == info->st_dev;
}

static int belongs_to_kernel(int root, const struct stat *info, const struct statfs *filesystem)
{
	switch (filesystem->f_type) {
	case SYSFS_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case DEVPTS_SUPER_MAGIC:
	case MQUEUE_MAGIC:
		return 1;
	default:
		return S_ISCHR(info->st_mode) || S_ISBLK(info->st_mode) || inside_own(root, "dev", info) ||
		       inside_own(root, "sys/fs/cgroup", info);
	}
}

/* Whether the path's own words, no link among them, name that very file. */
static int is_named(int root, const char *path, const struct stat *info)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };
	CLEANUP_FD int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	struct stat named;

	return fd >= 0 && fstat(fd, &named) == 0 && named.st_dev == info->st_dev && named.st_ino == info->st_ino;
}

int target_check(int root, const char *path, int target, struct failure *failure)
{
	struct statfs filesystem;
	struct stat info;

	if (fstat(target, &info) < 0 || fstatfs(target, &filesystem) < 0)
		return fail(failure, "mount-target", path, errno);
	if (filesystem.f_type == PROC_SUPER_MAGIC)
		return refuse(path, failure);
	return belongs_to_kernel(root, &info, &filesystem) && !is_named(root, path, &info) ? refuse(path, failure) : 0;
}
