#include "rootpath.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int root_open(int root, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned long long)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: a rename elsewhere raced with a `..` in the path; the kernel asks for another try. */
	do
		fd = syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)fd;
}

/* Creates one component and opens it; a directory that someone else made in between is as good. */
static int make_component(int root, int parent, const char *prefix, const struct new_directory *options)
{
	const char *slash = strrchr(prefix, '/');
	const char *name = slash ? slash + 1 : prefix;
	int fd;

	if (mkdirat(parent, name, 0700) < 0) {
		if (errno != EEXIST)
			return -1;
		return root_open(root, prefix, O_PATH | O_DIRECTORY, 0);
	}
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fchown(fd, options->uid, options->gid) < 0 || fchmod(fd, options->mode) < 0) {
		close_owned(&fd);
		return -1;
	}
	return fd;
}

int root_make_directory(int root, const char *path, const struct new_directory *options)
{
	char prefix[PATH_MAX];
	size_t size = strlen(path);
	int current;

	if (size >= sizeof prefix) {
		errno = ENAMETOOLONG;
		return -1;
	}
	current = root_open(root, path, O_PATH | O_DIRECTORY, 0);
	if (current >= 0 || errno != ENOENT)
		return current;
	current = root_open(root, ".", O_PATH | O_DIRECTORY, 0);
	for (size_t at = 0; current >= 0 && at < size;) {
		size_t start = at + strspn(path + at, "/");
		size_t end = start + strcspn(path + start, "/");
		int next;

		if (end == start)
			break;
		/* Resolving the whole prefix from the root each time is what keeps `..` and links inside it. */
		memcpy(prefix, path, end);
		prefix[end] = 0;
		next = root_open(root, prefix, O_PATH | O_DIRECTORY, 0);
		if (next < 0 && errno == ENOENT)
			next = make_component(root, current, prefix, options);
		close_owned(&current);
		current = next;
		at = end;
	}
	return current;
}

int root_open_or_make(int root, const char *path, mode_t type)
{
	static const struct new_directory plain = { .mode = 0755 };
	char parent[PATH_MAX];
	const char *name;
	CLEANUP_FD int directory = -1;
	int fd = root_open(root, path, O_PATH, 0);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (type == S_IFDIR)
		return root_make_directory(root, path, &plain);
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	if (!*name || (size_t)(name - path) >= sizeof parent) {
		errno = *name ? ENAMETOOLONG : EISDIR;
		return -1;
	}
	memcpy(parent, path, (size_t)(name - path));
	parent[name - path] = 0;
	directory = root_make_directory(root, parent, &plain);
	if (directory < 0)
		return -1;
	/* A dangling link at the end is followed inside the root: the file appears where it points. */
	fd = root_open(root, path, O_WRONLY | O_CREAT | O_NONBLOCK, 0755);
	if (fd < 0)
		return -1;
	close_owned(&fd);
	return root_open(root, path, O_PATH, 0);
}
