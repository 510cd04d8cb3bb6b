#include "file_copy.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BUFFER_SIZE (64u * 1024u)

static int write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t wrote = write(fd, data, size);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -1;
		data += wrote;
		size -= (size_t)wrote;
	}
	return 0;
}

/* From where both files stand, to the end. */
static int copy_by_hand(int from, int to)
{
	char buffer[BUFFER_SIZE];
	ssize_t got;

	while ((got = read(from, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && write_all(to, buffer, (size_t)got) < 0)
			return -1;
	return got < 0 ? -1 : 0;
}

static int is_refused(int error)
{
	return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM;
}

/* `size` bytes from where both files stand; short only at the end of `from`. */
static int copy_range(int from, int to, off_t size)
{
	while (size > 0) {
		ssize_t copied = copy_file_range(from, NULL, to, NULL, (size_t)size, 0);
		if (copied < 0 && errno == EINTR)
			continue;
		if (copied < 0)
			return -1;
		if (copied == 0)
			return 0;
		size -= copied;
	}
	return 0;
}

static int copy_extents(int from, int to, off_t size)
{
	for (off_t data = lseek(from, 0, SEEK_DATA); data >= 0; data = lseek(from, data, SEEK_DATA)) {
		off_t hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0 || lseek(from, data, SEEK_SET) < 0 || lseek(to, data, SEEK_SET) < 0 ||
		    copy_range(from, to, hole - data) < 0)
			return -1;
		data = hole;
	}
	/* ENXIO: no data behind this place. */
	if (errno != ENXIO || ftruncate(to, size) < 0)
		return -1;
	return lseek(from, size, SEEK_SET) < 0 || lseek(to, size, SEEK_SET) < 0 ? -1 : 0;
}

static int copy_content(int from, int to, const struct stat *info)
{
	if (info->st_blocks * 512 < info->st_size)
		return copy_extents(from, to, info->st_size);
	return copy_range(from, to, info->st_size);
}

int file_copy(int from, int to, const struct stat *info)
{
	/* What one read holds is not worth more system calls. */
	if (info->st_size <= (off_t)BUFFER_SIZE)
		return copy_by_hand(from, to);
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	if (copy_content(from, to, info) < 0) {
		if (!is_refused(errno))
			return -1;
		if (lseek(from, 0, SEEK_SET) < 0 || lseek(to, 0, SEEK_SET) < 0 || ftruncate(to, 0) < 0)
			return -1;
	}
	/* What grew meanwhile. */
	return copy_by_hand(from, to);
}
