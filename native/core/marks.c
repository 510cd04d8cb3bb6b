#include "marks.h"

#include "overlay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

int is_whiteout(const struct stat *info)
{
	return S_ISCHR(info->st_mode) && info->st_rdev == 0;
}

int make_whiteout(int directory, const char *name)
{
	return mknodat(directory, name, S_IFCHR, makedev(0, 0));
}

static const char *opaque_name(void)
{
	return in_user_namespace() ? "user.overlay.opaque" : "trusted.overlay.opaque";
}

int set_opaque(int directory)
{
	return fsetxattr(directory, opaque_name(), "y", 1, 0);
}

int is_opaque(int directory)
{
	char value;

	return fgetxattr(directory, opaque_name(), &value, 1) == 1 && value == 'y';
}

static int is_overlay_own(const char *name)
{
	return strncmp(name, "user.overlay.", 13) == 0 || strncmp(name, "trusted.overlay.", 16) == 0;
}

static int is_files_own(const char *name)
{
	return strcmp(name, "security.capability") == 0 || (strncmp(name, "user.", 5) == 0 && !is_overlay_own(name));
}

/*
 * There is no getxattrat before 6.13, and descriptors opened with O_PATH are refused by fgetxattr: so a path
 * through the directory's descriptor, whose last part is not followed.
 */
static int descriptor_path(char *path, size_t size, int directory, const char *name)
{
	if ((size_t)snprintf(path, size, "/proc/self/fd/%d%s%s", directory, *name ? "/" : "", name) < size)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct tar_xattr *)a)->name, ((const struct tar_xattr *)b)->name);
}

static ssize_t get(const char *path, int follow, const char *name, void *value, size_t size)
{
	return follow ? getxattr(path, name, value, size) : lgetxattr(path, name, value, size);
}

static int read_one(const char *path, int follow, const char *name, struct tar_xattr *xattr)
{
	ssize_t size = get(path, follow, name, NULL, 0);

	if (size < 0)
		return -1;
	xattr->value = malloc((size_t)size + 1);
	xattr->name = strdup(name);
	if (!xattr->value || !xattr->name)
		abort();
	size = get(path, follow, name, xattr->value, (size_t)size);
	if (size < 0) {
		free(xattr->value);
		free(xattr->name);
		return -1;
	}
	xattr->size = (size_t)size;
	return 0;
}

int read_xattrs(int directory, const char *name, struct tar_xattr **xattrs, size_t *count)
{
	char path[300], list[65536];
	/* The descriptor's own link in /proc leads to the file itself. */
	int follow = !*name;
	ssize_t size;

	*xattrs = NULL;
	*count = 0;
	if (descriptor_path(path, sizeof path, directory, name) < 0)
		return -1;
	size = follow ? listxattr(path, list, sizeof list) : llistxattr(path, list, sizeof list);
	if (size < 0)
		return errno == ENOTSUP ? 0 : -1;
	for (const char *at = list; at < list + size; at += strlen(at) + 1) {
		struct tar_xattr xattr;
		if (!is_files_own(at))
			continue;
		if (read_one(path, follow, at, &xattr) < 0) {
			if (errno == ENODATA || errno == EOVERFLOW)
				continue;
			free_xattrs(*xattrs, *count);
			return -1;
		}
		*xattrs = realloc(*xattrs, (*count + 1) * sizeof **xattrs);
		if (!*xattrs)
			abort();
		(*xattrs)[(*count)++] = xattr;
	}
	if (*count > 1)
		qsort(*xattrs, *count, sizeof **xattrs, compare);
	return 0;
}

void free_xattrs(struct tar_xattr *xattrs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(xattrs[i].name);
		free(xattrs[i].value);
	}
	free(xattrs);
}

static int set(const char *path, int follow, const struct tar_xattr *xattr)
{
	return follow ? setxattr(path, xattr->name, xattr->value, xattr->size, 0)
		      : lsetxattr(path, xattr->name, xattr->value, xattr->size, 0);
}

int write_xattrs(int directory, const char *name, const struct tar_xattr *xattrs, size_t count)
{
	char path[300];

	if (count > 0 && descriptor_path(path, sizeof path, directory, name) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (is_overlay_own(xattrs[i].name))
			continue;
		if (set(path, !*name, &xattrs[i]) < 0 && errno != ENOTSUP && errno != EPERM)
			return -1;
	}
	return 0;
}
