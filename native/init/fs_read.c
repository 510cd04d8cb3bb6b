/* Operations of a session that look into a mounted rootfs. */
#include "fs.h"
#include "fs_entry.h"

#include "core/marks.h"
#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

int fs_open_regular(int root, const char *path, int flags, struct stat *info)
{
	CLEANUP_FD int place = root_open(root, path, O_PATH, 0);
	int fd;

	if (place < 0 || fstat(place, info) < 0)
		return -1;
	if (!S_ISREG(info->st_mode)) {
		errno = is_whiteout(info) ? ENOENT : EINVAL;
		return -1;
	}
	fd = root_open(root, path, flags | O_NONBLOCK | O_NOCTTY, 0);
	if (fd >= 0 && (fstat(fd, info) < 0 || !S_ISREG(info->st_mode))) {
		close_owned(&fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static int send_content(struct fs_session *session, int fd, uint64_t max, const char *path, struct failure *failure)
{
	CLEANUP_FREE char *buffer = malloc(WIRE_DATA_MAX);
	uint64_t sent = 0;
	ssize_t got;

	if (!buffer)
		abort();
	while ((got = read(fd, buffer, WIRE_DATA_MAX)) > 0) {
		sent += (uint64_t)got;
		if (sent > max)
			return fail_because(failure, "read", path, EFBIG, "it is longer than %llu bytes",
					    (unsigned long long)max);
		if (wire_write(session->fd, WIRE_DATA, buffer, (size_t)got) < 0)
			return fail(failure, "write", path, errno);
	}
	return got < 0 ? fail(failure, "read", path, errno) : 0;
}

/* mount, path, max. Answers with the content, or missing=1. */
FS_OP(fs_read_file)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	uint64_t max = (uint64_t)wire_get_number(request, "max", 0);
	int root = fs_mounted(session, request, "mount", failure);
	struct stat info;
	CLEANUP_FD int fd = -1;

	if (!path || root < 0)
		return -1;
	fd = fs_open_regular(root, path, O_RDONLY, &info);
	if (fd < 0 && is_absent(errno)) {
		wire_add_number(result, "missing", 1);
		return 0;
	}
	if (fd < 0 && errno == EINVAL)
		return fail_because(failure, "read", path, EINVAL, "it is not a regular file");
	if (fd < 0)
		return fail(failure, "open", path, errno);
	if ((uint64_t)info.st_size > max)
		return fail_because(failure, "read", path, EFBIG, "it is longer than %llu bytes",
				    (unsigned long long)max);
	return send_content(session, fd, max, path, failure);
}

/* mount, path, follow: the last component too. Answers with an entry, or missing=1. */
FS_OP(fs_stat)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int flags = O_PATH | (wire_get_number(request, "follow", 0) ? 0 : O_NOFOLLOW);
	int root = fs_mounted(session, request, "mount", failure);
	CLEANUP_FD int fd = -1;
	struct stat info;

	if (!path || root < 0)
		return -1;
	fd = root_open(root, path, flags, 0);
	if (fd < 0 && !is_absent(errno))
		return fail(failure, "stat", path, errno);
	if (fd < 0 || (fstat(fd, &info) == 0 && is_whiteout(&info))) {
		wire_add_number(result, "missing", 1);
		return 0;
	}
	return fs_entry_describe(result, &(struct place){ fd, "", path }, &info, failure);
}
