#include "tree_measure.h"

#include "failure.h"
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int measure_entry(int directory, const char *name, struct inodes *inodes, uint64_t *bytes)
{
	struct stat info;
	CLEANUP_FD int inside = -1;

	/* Whatever vanished meanwhile holds nothing. */
	if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISDIR(info.st_mode)) {
		if (info.st_nlink < 2 || !inodes_meet(inodes, &info, name))
			*bytes += (uint64_t)info.st_size;
		return 0;
	}
	inside = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0)
		return errno == ENOENT ? 0 : -1;
	return tree_measure(inside, inodes, bytes);
}

int tree_measure(int directory, struct inodes *inodes, uint64_t *bytes)
{
	CLEANUP_NAMES struct names names = { 0 };

	if (names_read(directory, &names) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (measure_entry(directory, names.list[i], inodes, bytes) < 0)
			return -1;
	return 0;
}
