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

/* Dangling links that are followed when their targets are made; a loop fails with ELOOP long before. */
#define LINKS_MAX 8

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

/* Where a link `name` in `parent` (an O_PATH directory), itself at `path` below the root, leads: a path below the root. */
static int link_target(int parent, const char *name, const char *path, char target[PATH_MAX])
{
	char text[PATH_MAX];
	ssize_t size = readlinkat(parent, name, text, sizeof text - 1);
	int wrote;

	if (size < 0)
		return -1;
	text[size] = 0;
	if (text[0] == '/')
		wrote = snprintf(target, PATH_MAX, "%s", text);
	else
		wrote = snprintf(target, PATH_MAX, "%.*s/%s", (int)(strlen(path) - strlen(name)), path, text);
	if (wrote < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int make_directory(int root, const char *path, const struct new_directory *options, int links);

/* Something is there already: a directory, or a link, whose missing target is made inside the root (`/var/run -> /run`). */
static int open_component(int root, int parent, const char *prefix, const struct new_directory *options, int links)
{
	const char *slash = strrchr(prefix, '/');
	char target[PATH_MAX];
	int fd = root_open(root, prefix, O_PATH | O_DIRECTORY, 0);

	if (fd >= 0 || errno != ENOENT || links == 0)
		return fd;
	if (link_target(parent, slash ? slash + 1 : prefix, prefix, target) < 0)
		return -1;
	return make_directory(root, target, options, links - 1);
}

static int make_component(int root, int parent, const char *prefix, const struct new_directory *options, int links)
{
	const char *slash = strrchr(prefix, '/');
	const char *name = slash ? slash + 1 : prefix;
	int fd;

	if (mkdirat(parent, name, 0700) < 0)
		return errno == EEXIST ? open_component(root, parent, prefix, options, links) : -1;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fchown(fd, options->uid, options->gid) < 0 || fchmod(fd, options->mode) < 0) {
		close_owned(&fd);
		return -1;
	}
	return fd;
}

static int make_directory(int root, const char *path, const struct new_directory *options, int links)
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
			next = make_component(root, current, prefix, options, links);
		close_owned(&current);
		current = next;
		at = end;
	}
	return current;
}

int root_make_directory(int root, const char *path, const struct new_directory *options)
{
	return make_directory(root, path, options, LINKS_MAX);
}

static int make_file(int root, const char *path, int links)
{
	static const struct new_directory plain = { .mode = 0755 };
	const char *name = strrchr(path, '/');
	char text[PATH_MAX];
	CLEANUP_FD int directory = -1;
	int fd;

	name = name ? name + 1 : path;
	if (!*name || (size_t)(name - path) >= sizeof text) {
		errno = *name ? ENAMETOOLONG : EISDIR;
		return -1;
	}
	snprintf(text, sizeof text, "%.*s", (int)(name - path), path);
	directory = make_directory(root, text, &plain, links);
	if (directory < 0)
		return -1;
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
	if (fd >= 0) {
		close_owned(&fd);
		return openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	if (errno != EEXIST || links == 0)
		return -1;
	/* A dangling link: the file appears where it points, inside the root. */
	if (link_target(directory, name, path, text) < 0)
		return -1;
	fd = root_open(root, text, O_PATH, 0);
	return fd >= 0 || errno != ENOENT ? fd : make_file(root, text, links - 1);
}

int root_open_or_make(int root, const char *path, mode_t type)
{
	static const struct new_directory plain = { .mode = 0755 };
	int fd = root_open(root, path, O_PATH, 0);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	return type == S_IFDIR ? make_directory(root, path, &plain, LINKS_MAX) : make_file(root, path, LINKS_MAX);
}
