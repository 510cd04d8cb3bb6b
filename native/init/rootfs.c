#include "rootfs.h"

#include "holder.h"

#include "core/mounts.h"
#include "core/overlay.h"
#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static const unsigned int plain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/* A top directory that is ours to mount on: a link there would put our mounts elsewhere (CVE-2019-19921). */
static int own_directory(int root, const char *name, struct failure *failure)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };
	int fd;

	if (mkdirat(root, name, 0755) < 0 && errno != EEXIST && errno != EROFS)
		return fail(failure, "mount", name, errno);
	fd = (int)syscall(SYS_openat2, root, name, &how, sizeof how);
	return fd < 0 ? fail(failure, "mount", name, errno) : fd;
}

int attach_inside(int root, int mount, const char *path, struct failure *failure)
{
	CLEANUP_FD int owned = mount;
	CLEANUP_FD int target = -1;

	if (owned < 0)
		return fail(failure, "mount", path, errno);
	target = own_directory(root, path, failure);
	if (target < 0)
		return -1;
	if (attach_at(owned, target) < 0)
		return fail(failure, "mount", path, errno);
	return 0;
}

/* The overlay, attached where every container's own mount namespace may have something: in an empty folder of the holder's. */
static int mount_root(const struct monitor_spec *spec, struct failure *failure)
{
	struct overlay overlay = {
		.lowers = (const char *const *)spec->lowers.items,
		.lower_count = spec->lowers.count,
		.upper = spec->upper,
		.work = spec->work,
	};
	char path[PATH_MAX];
	int root = overlay_mount(&overlay, MOUNT_ATTR_NODEV, failure);

	if (root < 0)
		return -1;
	snprintf(path, sizeof path, "%s/rootfs", holder.run);
	if (move_mount(root, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		fail(failure, "rootfs", path, errno);
		close(root);
		return -1;
	}
	return root;
}

static int mount_proc(int root, const struct monitor_spec *spec, struct failure *failure)
{
	struct statfs info;
	int mount = new_filesystem("proc", NULL, plain);

	/* A user namespace may not mount the proc of a pid namespace that is not its own: the host's then, all of it. */
	if (mount < 0 && errno == EPERM && spec->pid.kind != NAMESPACE_PRIVATE)
		mount = clone_tree(AT_FDCWD, "/proc");
	if (mount >= 0 && (fstatfs(mount, &info) < 0 || info.f_type != PROC_SUPER_MAGIC)) {
		close(mount);
		return fail(failure, "mount", "/proc", ENODEV);
	}
	return attach_inside(root, mount, "proc", failure);
}

static int mount_sys(int root, struct failure *failure)
{
	int mount = new_filesystem("sysfs", NULL, plain | MOUNT_ATTR_RDONLY);

	/* sysfs shows the network namespace and belongs to its owner; sharing one means the holder's view. */
	if (mount < 0 && errno == EPERM) {
		mount = clone_tree(AT_FDCWD, "/sys");
		if (mount >= 0 && restrict_tree(mount, plain | MOUNT_ATTR_RDONLY) < 0)
			return close(mount), fail(failure, "mount", "/sys", errno);
	}
	return attach_inside(root, mount, "sys", failure);
}

/* Bind a group read-only on `name` below /sys/fs/cgroup. */
static int bind_cgroup(int directory, const char *name, const struct cgroup_spec *group, struct failure *failure)
{
	CLEANUP_FD int target = -1;
	CLEANUP_FD int mount = clone_tree(AT_FDCWD, group->path);

	if (mount < 0 || restrict_tree(mount, plain | MOUNT_ATTR_RDONLY) < 0)
		return fail(failure, "mount", group->path, errno);
	if (*name && mkdirat(directory, name, 0755) < 0 && errno != EEXIST)
		return fail(failure, "mount", group->path, errno);
	target = openat(directory, *name ? name : ".", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || attach_at(mount, target) < 0)
		return fail(failure, "mount", group->path, errno);
	return 0;
}

/*
 * What a process may know of its limits: on v2 its own group as the root of the hierarchy, on v1 and hybrid hosts
 * one folder per hierarchy that carries a limit, as docker shows them.
 */
static int mount_cgroup(int root, const struct monitor_spec *spec, struct failure *failure)
{
	static const char prefix[] = "/sys/fs/cgroup/";
	static const char *const options[] = { "mode", "755", "size", "64k", NULL };
	struct statfs info;
	int unified = statfs("/sys/fs/cgroup", &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
	CLEANUP_FD int directory = -1;

	if (unified) {
		int mount = new_filesystem("cgroup2", NULL, plain | MOUNT_ATTR_RDONLY);
		if (mount < 0 && (errno == EPERM || errno == EBUSY))
			return 0;
		return attach_inside(root, mount, "sys/fs/cgroup", failure);
	}
	directory = root_open(root, "sys/fs/cgroup", O_PATH | O_DIRECTORY, 0);
	if (directory < 0)
		return 0;
	close_owned(&directory);
	if (attach_inside(root, new_filesystem("tmpfs", options, plain), "sys/fs/cgroup", failure) < 0)
		return -1;
	directory = root_open(root, "sys/fs/cgroup", O_RDONLY | O_DIRECTORY, 0);
	for (size_t i = 0; directory >= 0 && i < spec->cgroup_count; i++) {
		const struct cgroup_spec *group = &spec->cgroups[i];
		char name[NAME_MAX + 1];
		if (!group->enter || strncmp(group->path, prefix, sizeof prefix - 1) != 0)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(group->path + sizeof prefix - 1, "/"),
			 group->path + sizeof prefix - 1);
		if (bind_cgroup(directory, name, group, failure) < 0)
			return -1;
	}
	return directory < 0 || restrict_tree(directory, MOUNT_ATTR_RDONLY) < 0 ?
		       fail(failure, "mount", "/sys/fs/cgroup", errno) :
		       0;
}

/* Write to a file of our own /proc: no link, no other mount in between (CVE-2025-52881). */
static int write_proc(int proc, const char *path, const char *value)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	CLEANUP_FD int fd = (int)syscall(SYS_openat2, proc, path, &how, sizeof how);

	return fd < 0 || write(fd, value, strlen(value)) < 0 ? -1 : 0;
}

/* `net.ipv4.ip_forward=1`; dots become slashes unless the name has slashes already, sysctl(8). */
static int set_sysctl(int proc, const char *setting, struct failure *failure)
{
	const char *value = strchr(setting, '=');
	char path[256];

	if (!value)
		return fail(failure, "sysctl", setting, EINVAL);
	snprintf(path, sizeof path, "sys/%.*s", (int)(value - setting), setting);
	if (!strchr(path + 4, '/'))
		for (char *at = path; *at; at++)
			*at = *at == '.' ? '/' : *at;
	return write_proc(proc, path, value + 1) < 0 ? fail(failure, "sysctl", setting, errno) : 0;
}

/* Settings that live in /proc, before any mount of the spec can cover it. */
static int write_settings(int root, const struct monitor_spec *spec, struct failure *failure)
{
	CLEANUP_FD int proc = own_directory(root, "proc", failure);

	if (proc < 0)
		return -1;
	for (size_t i = 0; i < spec->sysctls.count; i++)
		if (set_sysctl(proc, spec->sysctls.items[i], failure) < 0)
			return -1;
	return 0;
}

int rootfs_build(const struct monitor_spec *spec, struct failure *failure)
{
	int root;

	/* Nothing that is mounted in here may show anywhere else, and nothing mounted elsewhere in here. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail(failure, "mount", "/", errno);
	root = mount_root(spec, failure);
	if (root < 0)
		return -1;
	if (mount_proc(root, spec, failure) < 0 || devices_mount(root, spec, failure) < 0 ||
	    mount_sys(root, failure) < 0 || mount_cgroup(root, spec, failure) < 0 ||
	    write_settings(root, spec, failure) < 0 || mounts_attach(root, spec, failure) < 0) {
		close(root);
		return -1;
	}
	return root;
}

int rootfs_enter(int root, struct failure *failure)
{
	/* pivot_root(2) "." onto ".": the old root ends up above the new one and is detached from there. */
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return fail(failure, "pivot-root", NULL, errno);
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return fail(failure, "pivot-root", NULL, errno);
	return 0;
}
