/* Operations of a session that an editor asks for: write, remove and rename one thing of a mounted rootfs. */
#include "fs.h"

#include "core/names.h"
#include "core/owners.h"
#include "core/rootpath.h"
#include "core/tree_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory that holds the last component of `path`, whose name is given; the root itself has none. -1 with errno. */
static int open_parent(int root, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	CLEANUP_FREE char *parent = strndup(path, slash ? (size_t)(slash - path) : 0);

	if (!parent)
		abort();
	*name = slash ? slash + 1 : path;
	if (!**name || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) {
		errno = EBUSY;
		return -1;
	}
	return root_open(root, parent, O_PATH | O_DIRECTORY, 0);
}

/* A new file belongs to whom its directory belongs: whoever works there can go on working with it. */
static int create_file(int root, const char *path, mode_t mode, struct failure *failure)
{
	const char *name;
	CLEANUP_FD int directory = open_parent(root, path, &name);
	struct stat above;
	int fd;

	if (directory < 0 || fstat(directory, &above) < 0)
		return fail(failure, "create", path, errno);
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(failure, "create", path, errno);
	if (fchown(fd, above.st_uid, above.st_gid) < 0 || fchmod(fd, mode) < 0) {
		fail(failure, "create", path, errno);
		close_owned(&fd);
		return -1;
	}
	return fd;
}

/* The blocks first: a disk that is too full must not cost what is in the file now. */
static int reserve(int fd, off_t size)
{
	if (size == 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) == 0)
		return 0;
	return errno == EOPNOTSUPP || errno == ENOSYS ? 0 : -1;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t wrote = write(fd, data + done, size - done);
		if (wrote < 0 && errno != EINTR)
			return -1;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return 0;
}

static int fill(struct fs_session *session, int fd, const char *path, struct failure *failure)
{
	struct fs_input input;
	struct tar_source source;
	const uint8_t *data;
	size_t size;
	int got;

	fs_input_start(&input, session->fd);
	source = fs_input_source(&input);
	while ((got = source.next(source.context, &data, &size)) == 1)
		if (write_all(fd, data, size) < 0) {
			got = -1;
			break;
		}
	if (got < 0)
		fail(failure, "write", path, errno);
	fs_input_free(&input);
	return got;
}

/*
 * mount, path (links are followed), size, mode (of a new file), existing and missing: may it be there, may it not.
 * Data: the content. Written in place: a file may be a mount of its own (/etc/hosts), and owner, mode and hard links stay.
 */
FS_OP(fs_write_file)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int root = path ? fs_mounted(session, request, "mount", failure) : -1;
	struct stat info;
	CLEANUP_FD int fd = -1;

	(void)result;
	if (root < 0)
		return -1;
	fd = fs_open_regular(root, path, O_WRONLY, &info);
	if (fd >= 0 && !wire_get_number(request, "existing", 0))
		return fail(failure, "create", path, EEXIST);
	if (fd < 0 && errno == EINVAL)
		return fail_because(failure, "write", path, EISDIR, "it is not a regular file");
	if (fd < 0 && errno == ENOENT && wire_get_number(request, "missing", 0)) {
		fd = create_file(root, path, (mode_t)wire_get_number(request, "mode", 0644), failure);
		if (fd < 0)
			return -1;
	}
	if (fd < 0)
		return fail(failure, "open", path, errno);
	if (reserve(fd, (off_t)wire_get_number(request, "size", 0)) < 0 || ftruncate(fd, 0) < 0)
		return fail(failure, "write", path, errno);
	return fill(session, fd, path, failure);
}

/* mount, path (its last component is not followed), recursive: a directory with all that is in it. */
FS_OP(fs_remove)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int root = path ? fs_mounted(session, request, "mount", failure) : -1;
	CLEANUP_FD int directory = -1;
	const char *name;
	struct stat info;
	int done;

	(void)result;
	if (root < 0)
		return -1;
	directory = open_parent(root, path, &name);
	if (directory < 0 || fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(failure, "remove", path, errno);
	if (wire_get_number(request, "recursive", 0))
		done = tree_remove(directory, name);
	else
		done = unlinkat(directory, name, S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0);
	return done < 0 ? fail(failure, "remove", path, errno) : 0;
}

/* mount, path, target, replace: what is at the target may go. Last components are not followed. */
FS_OP(fs_rename)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	CLEANUP_FREE char *target = path ? fs_text(request, "target", failure) : NULL;
	int root = target ? fs_mounted(session, request, "mount", failure) : -1;
	unsigned int flags = wire_get_number(request, "replace", 0) ? 0 : RENAME_NOREPLACE;
	CLEANUP_FD int from = -1;
	CLEANUP_FD int to = -1;
	const char *from_name, *to_name;

	(void)result;
	if (root < 0)
		return -1;
	from = open_parent(root, path, &from_name);
	if (from < 0)
		return fail(failure, "rename", path, errno);
	to = open_parent(root, target, &to_name);
	if (to < 0 || renameat2(from, from_name, to, to_name, flags) < 0)
		return fail(failure, "rename", target, errno);
	return 0;
}
