#include "tree_remove.h"

#include "failure.h"
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors open at a time, one per level. */
#define DEPTH_MAX 200
/* Passes over one directory before somebody else must be filling it. */
#define PASSES_MAX 100000

struct removal {
	/* The directory that the removed tree hangs in, where deep parts are moved to. */
	int top;
	int depth;
	unsigned int moved;
};

static int empty(struct removal *removal, int directory);

/* Moved into the tree's own top directory, so that it goes with the next pass over it. */
static int move_up(struct removal *removal, int directory, const char *name)
{
	char fresh[48];

	do
		snprintf(fresh, sizeof fresh, ".sampan-deep-%u", removal->moved++);
	while (renameat2(directory, name, removal->top, fresh, RENAME_NOREPLACE) < 0 && errno == EEXIST);
	return faccessat(removal->top, fresh, F_OK, AT_SYMLINK_NOFOLLOW);
}

static int remove_directory(struct removal *removal, int directory, const char *name)
{
	CLEANUP_FD int inside = -1;
	int result;

	if (removal->depth >= DEPTH_MAX)
		return move_up(removal, directory, name);
	inside = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0)
		return errno == ENOENT ? 0 : -1;
	removal->depth++;
	result = empty(removal, inside);
	removal->depth--;
	if (result < 0)
		return -1;
	return unlinkat(directory, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

static int remove_entry(struct removal *removal, int directory, const char *name)
{
	if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
		return 0;
	/* Linux says EISDIR; EPERM is what POSIX has. */
	if (errno != EISDIR && errno != EPERM)
		return -1;
	return remove_directory(removal, directory, name);
}

static int empty(struct removal *removal, int directory)
{
	for (int pass = 0; pass < PASSES_MAX; pass++) {
		CLEANUP_NAMES struct names names = { 0 };

		if (names_read(directory, &names) < 0)
			return -1;
		if (names.count == 0)
			return 0;
		for (size_t i = 0; i < names.count; i++)
			if (remove_entry(removal, directory, names.list[i]) < 0)
				return -1;
		/* Only the top gets new entries while it is emptied. */
		if (directory != removal->top)
			return 0;
	}
	errno = ENOTEMPTY;
	return -1;
}

int tree_remove(int directory, const char *name)
{
	struct removal removal = { .top = -1 };
	CLEANUP_FD int top = -1;

	if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	top = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (top < 0)
		return -1;
	removal.top = top;
	if (empty(&removal, top) < 0)
		return -1;
	return unlinkat(directory, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}
