#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

int new_filesystem(const char *type, const char *const *options, unsigned int attributes)
{
	CLEANUP_FD int context = fsopen(type, FSOPEN_CLOEXEC);

	if (context < 0)
		return -1;
	/* What mount(8) shows in its first column. */
	fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0);
	for (; options && *options; options += 2) {
		const char *value = options[1];
		if (fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, *options, value, 0) < 0)
			return -1;
	}
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return fsmount(context, FSMOUNT_CLOEXEC, attributes);
}

int clone_tree(int directory, const char *path)
{
	/* Recursive always: in a user namespace mounts that cover others may not be taken apart. */
	unsigned int flags = OPEN_TREE_CLONE | AT_RECURSIVE | (unsigned int)O_CLOEXEC;

	return open_tree(directory, path, *path ? flags : flags | AT_EMPTY_PATH);
}

int attach_at(int mount, int target)
{
	return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int restrict_tree(int mount, unsigned int attributes)
{
	struct mount_attr attr = { .attr_set = attributes };

	return mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
}

int set_propagation(int mount, unsigned long propagation)
{
	struct mount_attr attr = { .propagation = propagation };

	return mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
}
