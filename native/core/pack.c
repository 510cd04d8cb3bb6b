#include "pack.h"

#include "marks.h"
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char type_of(const struct stat *info)
{
	switch (info->st_mode & S_IFMT) {
	case S_IFREG:
		return TAR_FILE;
	case S_IFDIR:
		return TAR_DIRECTORY;
	case S_IFLNK:
		return TAR_SYMLINK;
	case S_IFCHR:
		return TAR_CHAR;
	case S_IFBLK:
		return TAR_BLOCK_DEVICE;
	case S_IFIFO:
		return TAR_FIFO;
	default:
		return 0;
	}
}

static struct timespec time_within(struct timespec time, struct pack_times times)
{
	if (time.tv_sec < times.earliest)
		return (struct timespec){ .tv_sec = times.earliest };
	if (time.tv_sec > times.latest)
		return (struct timespec){ .tv_sec = times.latest };
	return time;
}

static struct tar_entry entry_of(const struct packing *packing, const struct stat *info, char *path)
{
	return (struct tar_entry){
		.type = type_of(info),
		.path = path,
		.mode = info->st_mode & 07777,
		.uid = info->st_uid,
		.gid = info->st_gid,
		.size = S_ISREG(info->st_mode) ? (uint64_t)info->st_size : 0,
		.mtime = time_within(info->st_mtim, packing->times),
		.major = major(info->st_rdev),
		.minor = minor(info->st_rdev),
	};
}

static int write_entry(struct packing *packing, const struct tar_entry *entry, struct failure *failure)
{
	packing->entries++;
	return tar_write_entry(packing->writer, entry, failure);
}

/* `.wh.<name>` beside where the name was (image-spec, layer.md "Whiteouts"). No time: the deletion has none. */
static int write_mark(struct packing *packing, const char *path, const char *prefix, struct failure *failure)
{
	const char *slash = strrchr(path, '/');
	size_t parent = slash ? (size_t)(slash - path) + 1 : 0;
	size_t prefix_size = strlen(prefix);
	CLEANUP_FREE char *marked = malloc(strlen(path) + prefix_size + 1);
	struct tar_entry entry = { .type = TAR_FILE, .path = marked };

	if (!marked)
		abort();
	memcpy(marked, path, parent);
	memcpy(marked + parent, prefix, prefix_size);
	strcpy(marked + parent + prefix_size, path + parent);
	return write_entry(packing, &entry, failure);
}

static int pack_file(struct packing *packing, int directory, const char *name, struct tar_entry *entry,
		     struct failure *failure)
{
	CLEANUP_FD int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) < 0)
		return fail(failure, "open", entry->path, errno);
	if (!S_ISREG(info.st_mode))
		return fail_because(failure, "open", entry->path, ESTALE, "it was replaced while it was read");
	entry->size = (uint64_t)info.st_size;
	packing->content_size += entry->size;
	if (write_entry(packing, entry, failure) < 0)
		return -1;
	return tar_write_file(packing->writer, fd, entry->size, entry->path, failure);
}

static int pack_symlink(struct packing *packing, int directory, const char *name, struct tar_entry *entry,
			struct failure *failure)
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(directory, name, target, sizeof target - 1);

	if (size < 0)
		return fail(failure, "readlink", entry->path, errno);
	target[size] = 0;
	entry->link = target;
	return write_entry(packing, entry, failure);
}

static int pack_subdirectory(struct packing *packing, int directory, const char *name, struct tar_entry *entry,
			     struct failure *failure)
{
	CLEANUP_FD int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP_FREE char *inside = strdup(entry->path);
	CLEANUP_FREE char *with_slash = path_join(entry->path, "");

	if (!inside)
		abort();
	if (fd < 0)
		return fail(failure, "open", entry->path, errno);
	entry->path = with_slash;
	if (write_entry(packing, entry, failure) < 0)
		return -1;
	if (packing->layer && is_opaque(fd) && write_mark(packing, with_slash, ".wh..wh..opq", failure) < 0)
		return -1;
	return pack_directory(packing, fd, inside, failure);
}

static int pack_kind(struct packing *packing, int directory, const char *name, struct tar_entry *entry,
		     struct failure *failure)
{
	switch (entry->type) {
	case TAR_FILE:
		return pack_file(packing, directory, name, entry, failure);
	case TAR_DIRECTORY:
		return pack_subdirectory(packing, directory, name, entry, failure);
	case TAR_SYMLINK:
		return pack_symlink(packing, directory, name, entry, failure);
	default:
		return write_entry(packing, entry, failure);
	}
}

/* 1 when the inode was packed before and this name is written as a link to it, 0 when not, -1. */
static int pack_as_link(struct packing *packing, const struct stat *info, struct tar_entry *entry,
			struct failure *failure)
{
	const char *first;
	int result;

	if (info->st_nlink < 2 || S_ISDIR(info->st_mode))
		return 0;
	first = inodes_meet(&packing->inodes, info, entry->path);
	if (!first)
		return 0;
	entry->type = TAR_HARD_LINK;
	entry->link = strdup(first);
	if (!entry->link)
		abort();
	result = write_entry(packing, entry, failure);
	free(entry->link);
	return result < 0 ? -1 : 1;
}

int pack_entry(struct packing *packing, int directory, const char *name, const char *path, struct failure *failure)
{
	struct stat info;
	struct tar_entry entry;
	int result;

	if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(failure, "stat", path, errno);
	if (is_whiteout(&info))
		return packing->layer ? write_mark(packing, path, ".wh.", failure) : 0;
	entry = entry_of(packing, &info, (char *)path);
	if (!entry.type)
		return 0;
	result = pack_as_link(packing, &info, &entry, failure);
	if (result != 0)
		return result < 0 ? -1 : 0;
	if (read_xattrs(directory, name, &entry.xattrs, &entry.xattr_count) < 0)
		return fail(failure, "getxattr", path, errno);
	result = pack_kind(packing, directory, name, &entry, failure);
	free_xattrs(entry.xattrs, entry.xattr_count);
	return result;
}

int pack_directory(struct packing *packing, int directory, const char *prefix, struct failure *failure)
{
	CLEANUP_NAMES struct names names = { 0 };

	if (names_read(directory, &names) < 0)
		return fail(failure, "readdir", prefix, errno);
	for (size_t i = 0; i < names.count; i++) {
		CLEANUP_FREE char *path = path_join(prefix, names.list[i]);
		if (pack_entry(packing, directory, names.list[i], path, failure) < 0)
			return -1;
	}
	return 0;
}
