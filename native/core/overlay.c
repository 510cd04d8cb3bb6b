#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

int in_user_namespace(void)
{
	static int answer = -1;
	FILE *map;
	unsigned int inside = 1, outside = 1, count = 0;

	if (answer >= 0)
		return answer;
	map = fopen("/proc/self/uid_map", "re");
	/* The first namespace maps every id onto itself, user_namespaces(7). */
	answer = !map || fscanf(map, "%u %u %u", &inside, &outside, &count) != 3 || inside || outside ||
		 count != 4294967295u;
	if (map)
		fclose(map);
	return answer;
}

/* Layers without write access are what `lowerdir+` (6.5) takes one by one; older kernels get one joined string. */
static int set_lowers_joined(int context, const struct overlay *overlay, struct failure *failure)
{
	char joined[4096];
	size_t used = 0;

	for (size_t i = 0; i < overlay->lower_count; i++) {
		int wrote = snprintf(joined + used, sizeof joined - used, "%s%s", i ? ":" : "", overlay->lowers[i]);
		if (wrote < 0 || (size_t)wrote >= sizeof joined - used)
			return fail(failure, "rootfs", overlay->lowers[i], E2BIG);
		used += (size_t)wrote;
	}
	if (fsconfig(context, FSCONFIG_SET_STRING, "lowerdir", joined, 0) < 0)
		return fail(failure, "rootfs", overlay->lowers[0], errno);
	return 0;
}

static int set_lowers(int context, const struct overlay *overlay, struct failure *failure)
{
	for (size_t i = 0; i < overlay->lower_count; i++) {
		if (fsconfig(context, FSCONFIG_SET_STRING, "lowerdir+", overlay->lowers[i], 0) == 0)
			continue;
		if (i == 0 && errno == EINVAL)
			return set_lowers_joined(context, overlay, failure);
		return fail(failure, "rootfs", overlay->lowers[i], errno);
	}
	return 0;
}

static int set_option(int context, const char *key, const char *value, struct failure *failure)
{
	if (fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0) < 0)
		return fail(failure, "rootfs", value && value[0] == '/' ? value : key, errno);
	return 0;
}

static int configure(int context, const struct overlay *overlay, struct failure *failure)
{
	fsconfig(context, FSCONFIG_SET_STRING, "source", "overlay", 0);
	if (set_lowers(context, overlay, failure) < 0)
		return -1;
	if (overlay->upper && (set_option(context, "upperdir", overlay->upper, failure) < 0 ||
			       set_option(context, "workdir", overlay->work, failure) < 0))
		return -1;
	if (in_user_namespace() && set_option(context, "userxattr", NULL, failure) < 0)
		return -1;
	/* An upper must be a complete change set by itself: no redirects, no metadata-only copies, no index. */
	if (set_option(context, "redirect_dir", "nofollow", failure) < 0 ||
	    set_option(context, "metacopy", "off", failure) < 0 || set_option(context, "index", "off", failure) < 0)
		return -1;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail(failure, "rootfs", overlay->upper ? overlay->upper : overlay->lowers[0], errno);
	return 0;
}

static int bind_single(const char *directory, unsigned int attributes, struct failure *failure)
{
	struct mount_attr attr = { .attr_set = attributes, .propagation = MS_PRIVATE };
	int mount = open_tree(AT_FDCWD, directory, OPEN_TREE_CLONE | O_CLOEXEC);

	if (mount < 0)
		return fail(failure, "rootfs", directory, errno);
	if (mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0) {
		fail(failure, "rootfs", directory, errno);
		close(mount);
		return -1;
	}
	return mount;
}

int overlay_mount(const struct overlay *overlay, unsigned int attributes, struct failure *failure)
{
	CLEANUP_FD int context = -1;
	int mount;

	if (overlay->lower_count == 0 && !overlay->upper)
		return fail(failure, "rootfs", NULL, EINVAL);
	if (overlay->lower_count == 0)
		return bind_single(overlay->upper, attributes, failure);
	if (overlay->lower_count == 1 && !overlay->upper)
		return bind_single(overlay->lowers[0], attributes | MOUNT_ATTR_RDONLY, failure);
	context = fsopen("overlay", FSOPEN_CLOEXEC);
	if (context < 0)
		return fail(failure, "rootfs", "overlay", errno);
	if (configure(context, overlay, failure) < 0)
		return -1;
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	if (mount < 0)
		return fail(failure, "rootfs", "overlay", errno);
	return mount;
}
