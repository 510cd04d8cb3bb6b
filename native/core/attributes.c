#include "attributes.h"

#include "marks.h"
#include "owners.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int set_times(const struct place *place, int fd, struct timespec mtime)
{
	const struct timespec times[2] = { mtime, mtime };

	if (mtime.tv_nsec == UTIME_OMIT)
		return 0;
	return fd >= 0 ? futimens(fd, times) : utimensat(place->directory, place->name, times, AT_SYMLINK_NOFOLLOW);
}

int attributes_set(const struct place *place, int fd, const struct attributes *attributes, struct failure *failure)
{
	int owned = fd >= 0 ? owner_set(fd, "", attributes->uid, attributes->gid, place->path, failure)
			    : owner_set(place->directory, place->name, attributes->uid, attributes->gid, place->path,
					failure);

	if (owned < 0)
		return -1;
	/* chown(2) clears set-id bits and capabilities: both come after it. */
	if (fd >= 0 && fchmod(fd, attributes->mode) < 0)
		return fail(failure, "chmod", place->path, errno);
	if (write_xattrs(fd >= 0 ? fd : place->directory, fd >= 0 ? "" : place->name, attributes->xattrs,
			 attributes->xattr_count) < 0)
		return fail(failure, "setxattr", place->path, errno);
	if (set_times(place, fd, attributes->mtime) < 0)
		return fail(failure, "utimens", place->path, errno);
	return 0;
}
