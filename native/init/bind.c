/* The mounts that a spec names: volumes, host folders and files, tmpfs. */
#include "rootfs.h"
#include "target.h"

#include "core/mounts.h"
#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIONS_MAX 32

struct named_flag {
	const char *name;
	unsigned int attribute;
	int clear;
};

/* mount(8)'s words for flags of the mount itself; everything else belongs to the file system. */
static const struct named_flag flags[] = {
	{ "nosuid", MOUNT_ATTR_NOSUID, 0 }, { "suid", MOUNT_ATTR_NOSUID, 1 },
	{ "nodev", MOUNT_ATTR_NODEV, 0 },   { "dev", MOUNT_ATTR_NODEV, 1 },
	{ "noexec", MOUNT_ATTR_NOEXEC, 0 }, { "exec", MOUNT_ATTR_NOEXEC, 1 },
	{ "ro", MOUNT_ATTR_RDONLY, 0 },	    { "rw", MOUNT_ATTR_RDONLY, 1 },
	{ "noatime", MOUNT_ATTR_NOATIME, 0 }, { "relatime", 0, 0 },
};

struct propagation {
	const char *name;
	unsigned long value;
};

static const struct propagation propagations[] = {
	{ "private", MS_PRIVATE }, { "rprivate", MS_PRIVATE }, { "slave", MS_SLAVE },
	{ "rslave", MS_SLAVE },	   { "shared", MS_SHARED },    { "rshared", MS_SHARED },
};

static int apply_flag(const char *option, unsigned int *attributes)
{
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (strcmp(flags[i].name, option) != 0)
			continue;
		*attributes = flags[i].clear ? *attributes & ~flags[i].attribute : *attributes | flags[i].attribute;
		return 1;
	}
	return 0;
}

static int mount_tmpfs(const struct mount_spec *spec, unsigned int attributes, struct failure *failure)
{
	const char *options[2 * OPTIONS_MAX + 1];
	size_t used = 0;
	int mount;

	for (size_t i = 0; i < spec->options.count && used < 2 * OPTIONS_MAX; i++) {
		char *equals;
		if (apply_flag(spec->options.items[i], &attributes))
			continue;
		equals = strchr(spec->options.items[i], '=');
		if (equals)
			*equals = 0;
		options[used++] = spec->options.items[i];
		options[used++] = equals ? equals + 1 : NULL;
	}
	options[used] = NULL;
	mount = new_filesystem("tmpfs", options, attributes);
	return mount < 0 ? fail(failure, "mount", spec->target, errno) : mount;
}

/* `subpath=a/b`: what is mounted lies below the source. */
static const char *subpath_of(const char *option)
{
	static const char prefix[] = "subpath=";

	return strncmp(option, prefix, sizeof prefix - 1) == 0 ? option + sizeof prefix - 1 : NULL;
}

static const char *find_subpath(const struct mount_spec *spec)
{
	const char *subpath = NULL;

	for (size_t i = 0; i < spec->options.count && !subpath; i++)
		subpath = subpath_of(spec->options.items[i]);
	return subpath;
}

/* What lies in a volume was written by containers: a link in it must not lead out of it (CVE-2017-1002101, CVE-2021-25741). */
static int clone_below(const char *source, const char *subpath)
{
	CLEANUP_FD int volume = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int inside = volume < 0 ? -1 : root_open(volume, subpath, O_PATH, 0);

	return inside < 0 ? -1 : clone_tree(inside, "");
}

static int bind_options(const struct mount_spec *spec, unsigned int *attributes, unsigned long *propagation, struct failure *failure)
{
	for (size_t i = 0; i < spec->options.count; i++) {
		const char *option = spec->options.items[i];
		int known = apply_flag(option, attributes) || strcmp(option, "rbind") == 0 ||
			    strcmp(option, "bind") == 0 || subpath_of(option);
		for (size_t j = 0; j < sizeof propagations / sizeof *propagations; j++) {
			if (strcmp(propagations[j].name, option) != 0)
				continue;
			*propagation = propagations[j].value;
			known = 1;
		}
		if (!known)
			return fail(failure, "mount", option, EINVAL);
	}
	return 0;
}

/* A device node that is bound by name is meant to work; below a folder none does. */
static unsigned int bind_attributes(const struct stat *info)
{
	return S_ISCHR(info->st_mode) || S_ISBLK(info->st_mode) ? 0 : MOUNT_ATTR_NODEV;
}

static int mount_bind(const struct mount_spec *spec, mode_t *type, struct failure *failure)
{
	unsigned int attributes;
	unsigned long propagation = MS_PRIVATE;
	struct stat info;
	const char *subpath = find_subpath(spec);
	int mount = subpath ? clone_below(spec->source, subpath) : clone_tree(AT_FDCWD, spec->source);

	if (mount < 0 || fstat(mount, &info) < 0) {
		fail(failure, "mount", spec->source, errno);
		close_owned(&mount);
		return -1;
	}
	*type = S_ISDIR(info.st_mode) ? S_IFDIR : S_IFREG;
	attributes = bind_attributes(&info) | (spec->read_only ? MOUNT_ATTR_RDONLY : 0);
	if (bind_options(spec, &attributes, &propagation, failure) == 0) {
		if (set_propagation(mount, propagation) == 0 && restrict_tree(mount, attributes) == 0)
			return mount;
		fail(failure, "mount", spec->source, errno);
	}
	close(mount);
	return -1;
}

static int attach_one(int root, const struct mount_spec *spec, struct failure *failure)
{
	mode_t type = S_IFDIR;
	/* docker's defaults for a tmpfs; `exec`, `suid` and `dev` among the options take them back. */
	unsigned int attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
				  (spec->read_only ? MOUNT_ATTR_RDONLY : 0);
	CLEANUP_FD int mount = -1;
	CLEANUP_FD int target = -1;

	if (target_check_name(spec->target, failure) < 0)
		return -1;
	mount = spec->tmpfs ? mount_tmpfs(spec, attributes, failure) : mount_bind(spec, &type, failure);
	if (mount < 0)
		return -1;
	target = root_open_or_make(root, spec->target, type);
	if (target < 0)
		return fail(failure, "mount-target", spec->target, errno);
	if (target_check(root, spec->target, target, failure) < 0)
		return -1;
	return attach_at(mount, target) < 0 ? fail(failure, "mount-target", spec->target, errno) : 0;
}

int mounts_attach(int root, const struct monitor_spec *spec, struct failure *failure)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (attach_one(root, &spec->mounts[i], failure) < 0)
			return -1;
	return 0;
}
