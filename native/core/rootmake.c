#include "rootmake.h"

#include "failure.h"
#include "marks.h"
#include "names.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links as the kernel follows, path_resolution(7). */
#define LINKS_MAX 40

/* Where the walk stands: `done` is the path so far, `current` its directory, `rest` what is still to come. */
struct walk {
	int root;
	const struct root_make *options;
	char *done;
	char *rest;
	int current;
	int links;
};

static int make(struct walk *walk, const char *name, const char *path, int hides)
{
	CLEANUP_FD int made = -1;

	if (mkdirat(walk->current, name, 0700) < 0)
		return errno == EEXIST ? 0 : -1;
	made = openat(walk->current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0 || fchown(made, walk->options->uid, walk->options->gid) < 0 ||
	    fchmod(made, walk->options->mode) < 0 || (hides && set_opaque(made) < 0))
		return -1;
	if (walk->options->made)
		walk->options->made(walk->options->context, path);
	return 0;
}

/* Put a link's target in front of the rest; `..` in it is resolved by the kernel below the root. 1, 0 no link, -1. */
static int expand_link(struct walk *walk, const char *name)
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(walk->current, name, target, sizeof target - 1);
	char *rest;

	if (size < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -1;
	if (++walk->links > LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	target[size] = 0;
	if (target[0] == '/') {
		free(walk->done);
		walk->done = path_join("", "");
		close_owned(&walk->current);
		walk->current = root_open(walk->root, ".", O_PATH | O_DIRECTORY, 0);
		if (walk->current < 0)
			return -1;
	}
	rest = path_join(target, walk->rest);
	free(walk->rest);
	walk->rest = rest;
	return 1;
}

static int replace_whiteout(struct walk *walk, const char *name, const char *path)
{
	struct stat info;

	if (!walk->options->upper || fstatat(walk->current, name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !is_whiteout(&info)) {
		errno = ENOTDIR;
		return -1;
	}
	return unlinkat(walk->current, name, 0) < 0 ? -1 : make(walk, name, path, 1);
}

/* Go one component down, making it if need be. 0 or -1. */
static int step(struct walk *walk, const char *name)
{
	CLEANUP_FREE char *path = path_join(walk->done, name);
	int next = root_open(walk->root, path, O_PATH | O_DIRECTORY, 0);
	int error = errno, expanded;

	if (next < 0 && error == ENOENT) {
		expanded = expand_link(walk, name);
		if (expanded != 0)
			return expanded < 0 ? -1 : 0;
		if (make(walk, name, path, 0) < 0)
			return -1;
	} else if (next < 0 && error == ENOTDIR) {
		if (replace_whiteout(walk, name, path) < 0)
			return -1;
	} else if (next < 0)
		return -1;
	if (next < 0)
		next = root_open(walk->root, path, O_PATH | O_DIRECTORY, 0);
	if (next < 0)
		return -1;
	close_owned(&walk->current);
	walk->current = next;
	free(walk->done);
	walk->done = path;
	path = NULL;
	return 0;
}

/* Cut the first component off `rest`; NULL at the end. */
static char *next_component(struct walk *walk)
{
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t size = strcspn(start, "/");
	char *name, *rest;

	if (size == 0)
		return NULL;
	name = strndup(start, size);
	rest = strdup(start + size);
	if (!name || !rest)
		abort();
	free(walk->rest);
	walk->rest = rest;
	return name;
}

int root_make_directories(int root, const char *path, const struct root_make *options)
{
	struct walk walk = { .root = root, .options = options };
	char *name;
	int result = 0;

	walk.current = root_open(root, path, O_PATH | O_DIRECTORY, 0);
	if (walk.current >= 0 || (errno != ENOENT && errno != ENOTDIR))
		return walk.current;
	walk.current = root_open(root, ".", O_PATH | O_DIRECTORY, 0);
	if (walk.current < 0)
		return -1;
	walk.done = path_join("", "");
	walk.rest = path_join("", path);
	while (result == 0 && (name = next_component(&walk))) {
		result = step(&walk, name);
		free(name);
	}
	free(walk.done);
	free(walk.rest);
	if (result < 0) {
		close_owned(&walk.current);
		return -1;
	}
	return walk.current;
}
