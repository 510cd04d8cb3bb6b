#include "unpack.h"

#include "dated.h"
#include "marks.h"
#include "names.h"
#include "owners.h"
#include "rootmake.h"
#include "rootpath.h"
#include "tree_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define WHITEOUT_PREFIX ".wh."
#define OPAQUE_NAME ".wh..wh..opq"

struct unpacking {
	int root;
	struct tar_reader *reader;
	const struct unpack_options *options;
	struct unpack_totals *totals;
	struct failure *failure;
	/* The directory that members went into last: neighbours in an archive share it. */
	char *parent_path;
	int parent;
	int parent_sets_group;
	struct dated dated;
};

/* A member with its place: `name` in the directory `parent`. */
struct member {
	const struct tar_entry *entry;
	const char *path;
	const char *name;
	int parent;
	uint32_t uid;
	uint32_t gid;
};

static int failed(struct unpacking *unpacking, const char *step, const struct member *member)
{
	return fail(unpacking->failure, step, member->path, errno);
}

/* Without empty and "." components; ".." goes up but not out. Fresh. */
static char *clean_path(const char *path)
{
	char *clean = malloc(strlen(path) + 1);
	size_t used = 0;

	if (!clean)
		abort();
	while (*path) {
		size_t size = strcspn(path, "/");
		if (size == 2 && path[0] == '.' && path[1] == '.') {
			while (used > 0 && clean[--used] != '/')
				;
		} else if (size > 0 && !(size == 1 && path[0] == '.')) {
			if (used > 0)
				clean[used++] = '/';
			memcpy(clean + used, path, size);
			used += size;
		}
		path += size + strspn(path + size, "/");
	}
	clean[used] = 0;
	return clean;
}

static void forget_parent(struct unpacking *unpacking)
{
	close_owned(&unpacking->parent);
	unpacking->parent = -1;
	free(unpacking->parent_path);
	unpacking->parent_path = NULL;
}

/* Open the directory of the first `size` bytes of path, kept for the next member. */
static int open_parent(struct unpacking *unpacking, const char *path, size_t size)
{
	struct root_make make = { .mode = 0755, .upper = unpacking->options->layer };
	struct stat info;

	if (unpacking->parent >= 0 && strlen(unpacking->parent_path) == size &&
	    memcmp(unpacking->parent_path, path, size) == 0)
		return unpacking->parent;
	forget_parent(unpacking);
	unpacking->parent_path = strndup(path, size);
	if (!unpacking->parent_path)
		abort();
	unpacking->parent = root_make_directories(unpacking->root, unpacking->parent_path, &make);
	if (unpacking->parent < 0 || fstat(unpacking->parent, &info) < 0)
		return fail(unpacking->failure, "mkdir", path, errno);
	unpacking->parent_sets_group = (info.st_mode & S_ISGID) != 0;
	return unpacking->parent;
}

/* Take what is at the member's place away. 0 or -1. */
static int clear_place(struct unpacking *unpacking, const struct member *member)
{
	if (tree_remove(member->parent, member->name) < 0)
		return failed(unpacking, "remove", member);
	return 0;
}

static int set_times(const struct member *member)
{
	const struct timespec times[2] = { member->entry->mtime, member->entry->mtime };

	return utimensat(member->parent, member->name, times, AT_SYMLINK_NOFOLLOW);
}

static int set_owner(struct unpacking *unpacking, const struct member *member)
{
	/* New files are 0:0 already, except below a set-group-id directory. */
	if (member->uid == 0 && member->gid == 0 && !unpacking->parent_sets_group)
		return 0;
	return owner_set(member->parent, member->name, member->uid, member->gid, member->path, unpacking->failure);
}

static int set_xattrs(struct unpacking *unpacking, const struct member *member)
{
	if (write_xattrs(member->parent, member->name, member->entry->xattrs, member->entry->xattr_count) < 0)
		return failed(unpacking, "setxattr", member);
	return 0;
}

static int write_all(int fd, const uint8_t *data, size_t size, off_t *offset)
{
	while (size > 0) {
		ssize_t wrote = pwrite(fd, data, size, *offset);
		if (wrote < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		data += wrote;
		size -= (size_t)wrote;
		*offset += wrote;
	}
	return 0;
}

/* Stored data goes to the extents one after another. */
static int write_sparse(struct unpacking *unpacking, const struct member *member, int fd)
{
	const struct tar_entry *entry = member->entry;
	const uint8_t *data;
	size_t size, at = 0;
	uint64_t done = 0;
	int got;

	while ((got = tar_data(unpacking->reader, &data, &size, unpacking->failure)) == 1) {
		while (size > 0) {
			uint64_t left;
			size_t part;
			off_t offset;
			while (entry->extents[at].size == done) {
				at++;
				done = 0;
			}
			left = entry->extents[at].size - done;
			part = left < size ? (size_t)left : size;
			offset = (off_t)(entry->extents[at].offset + done);
			if (write_all(fd, data, part, &offset) < 0)
				return failed(unpacking, "write", member);
			done += part;
			data += part;
			size -= part;
		}
	}
	if (got == 0 && ftruncate(fd, (off_t)entry->size) < 0)
		return failed(unpacking, "write", member);
	return got;
}

static int write_content(struct unpacking *unpacking, const struct member *member, int fd)
{
	const uint8_t *data;
	size_t size;
	off_t offset = 0;
	int got;

	if (member->entry->sparse)
		return write_sparse(unpacking, member, fd);
	while ((got = tar_data(unpacking->reader, &data, &size, unpacking->failure)) == 1)
		if (write_all(fd, data, size, &offset) < 0)
			return failed(unpacking, "write", member);
	return got;
}

static int put_file(struct unpacking *unpacking, const struct member *member)
{
	static const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	mode_t mode = member->entry->mode;
	CLEANUP_FD int fd = openat(member->parent, member->name, flags, mode & 0777);

	if (fd < 0 && errno == EEXIST) {
		if (clear_place(unpacking, member) < 0)
			return -1;
		fd = openat(member->parent, member->name, flags, mode & 0777);
	}
	if (fd < 0)
		return failed(unpacking, "create", member);
	if (write_content(unpacking, member, fd) < 0 || set_owner(unpacking, member) < 0)
		return -1;
	/* chown(2) clears set-id bits, so they come after it. */
	if (mode & 07000 && fchmod(fd, mode) < 0)
		return failed(unpacking, "chmod", member);
	if (set_xattrs(unpacking, member) < 0)
		return -1;
	if (set_times(member) < 0)
		return failed(unpacking, "utimens", member);
	unpacking->totals->content_size += member->entry->size;
	return 0;
}

static int finish_directory(struct unpacking *unpacking, const struct member *member, int opaque)
{
	const struct tar_entry *entry = member->entry;
	CLEANUP_FD int fd = openat(member->parent, member->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return failed(unpacking, "open", member);
	if (owner_set(fd, "", member->uid, member->gid, member->path, unpacking->failure) < 0)
		return -1;
	if (fchmod(fd, entry->mode) < 0)
		return failed(unpacking, "chmod", member);
	if (opaque && set_opaque(fd) < 0)
		return failed(unpacking, "setxattr", member);
	/* An open parent may be this one, with its group bit changed. */
	forget_parent(unpacking);
	dated_add(&unpacking->dated, member->path, entry->mtime);
	return 0;
}

static int put_directory(struct unpacking *unpacking, const struct member *member)
{
	int opaque = 0;
	struct stat info;

	if (mkdirat(member->parent, member->name, 0700) < 0) {
		if (errno != EEXIST || fstatat(member->parent, member->name, &info, AT_SYMLINK_NOFOLLOW) < 0)
			return failed(unpacking, "mkdir", member);
		if (!S_ISDIR(info.st_mode)) {
			opaque = unpacking->options->layer && is_whiteout(&info);
			if (clear_place(unpacking, member) < 0)
				return -1;
			if (mkdirat(member->parent, member->name, 0700) < 0)
				return failed(unpacking, "mkdir", member);
		}
	}
	if (set_xattrs(unpacking, member) < 0)
		return -1;
	return finish_directory(unpacking, member, opaque);
}

/* The archive's own root: its attributes are those of the directory unpacked into. */
static int put_root(struct unpacking *unpacking, const struct member *member)
{
	if (member->entry->type != TAR_DIRECTORY)
		return fail_because(unpacking->failure, "tar", member->entry->path, EBADMSG,
				    "a member without a name is no directory");
	return set_xattrs(unpacking, member) < 0 ? -1 : finish_directory(unpacking, member, 0);
}

static int put_symlink(struct unpacking *unpacking, const struct member *member)
{
	const char *target = member->entry->link;

	if (symlinkat(target, member->parent, member->name) < 0) {
		if (errno != EEXIST)
			return failed(unpacking, "symlink", member);
		if (clear_place(unpacking, member) < 0)
			return -1;
		if (symlinkat(target, member->parent, member->name) < 0)
			return failed(unpacking, "symlink", member);
	}
	if (set_owner(unpacking, member) < 0 || set_xattrs(unpacking, member) < 0)
		return -1;
	return set_times(member) < 0 ? failed(unpacking, "utimens", member) : 0;
}

static int put_hard_link(struct unpacking *unpacking, const struct member *member)
{
	CLEANUP_FREE char *target = clean_path(member->entry->link);
	char *slash = strrchr(target, '/');
	const char *name = slash ? slash + 1 : target;
	CLEANUP_FD int directory = -1;
	struct stat info;

	if (strcmp(target, member->path) == 0)
		return 0;
	if (slash)
		*slash = 0;
	directory = root_open(unpacking->root, slash ? target : ".", O_PATH | O_DIRECTORY, 0);
	if (directory < 0 || fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_because(unpacking->failure, "link", member->path, EBADMSG,
				    "it is a hard link to %.80s, which the archive does not hold before it",
				    member->entry->link);
	if (linkat(directory, name, member->parent, member->name, 0) < 0) {
		if (errno != EEXIST)
			return failed(unpacking, "link", member);
		if (clear_place(unpacking, member) < 0)
			return -1;
		if (linkat(directory, name, member->parent, member->name, 0) < 0)
			return failed(unpacking, "link", member);
	}
	return 0;
}

static int put_special(struct unpacking *unpacking, const struct member *member)
{
	const struct tar_entry *entry = member->entry;
	mode_t type = entry->type == TAR_CHAR ? S_IFCHR : entry->type == TAR_BLOCK_DEVICE ? S_IFBLK : S_IFIFO;
	dev_t device = type == S_IFIFO ? 0 : makedev(entry->major, entry->minor);
	int made = mknodat(member->parent, member->name, type | entry->mode, device);

	if (made < 0 && errno == EEXIST) {
		if (clear_place(unpacking, member) < 0)
			return -1;
		made = mknodat(member->parent, member->name, type | entry->mode, device);
	}
	/* Docker and podman leave devices out too when a user namespace cannot make them. */
	if (made < 0 && errno == EPERM && type != S_IFIFO) {
		unpacking->totals->devices_skipped++;
		return 0;
	}
	if (made < 0)
		return failed(unpacking, "mknod", member);
	if (set_owner(unpacking, member) < 0 || set_xattrs(unpacking, member) < 0)
		return -1;
	return set_times(member) < 0 ? failed(unpacking, "utimens", member) : 0;
}

static int put_opaque(struct unpacking *unpacking, const struct member *member)
{
	CLEANUP_FD int fd = openat(member->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || set_opaque(fd) < 0 ? failed(unpacking, "setxattr", member) : 0;
}

/*
 * A whiteout hides what lower layers have and never what this one brings (image-spec, layer.md "Whiteouts"):
 * beside a file of this layer it says nothing new, a directory of this layer it makes opaque.
 */
static int put_whiteout(struct unpacking *unpacking, const struct member *member)
{
	const char *hidden = member->name + strlen(WHITEOUT_PREFIX);
	CLEANUP_FD int directory = -1;

	if (strcmp(member->name, OPAQUE_NAME) == 0)
		return put_opaque(unpacking, member);
	/* Names of aufs' own, in layers of old engines. */
	if (strncmp(hidden, WHITEOUT_PREFIX, strlen(WHITEOUT_PREFIX)) == 0)
		return 0;
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return fail_because(unpacking->failure, "tar", member->path, EBADMSG, "a whiteout names nothing");
	if (make_whiteout(member->parent, hidden) == 0)
		return 0;
	if (errno != EEXIST)
		return failed(unpacking, "whiteout", member);
	directory = openat(member->parent, hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory >= 0 && set_opaque(directory) < 0)
		return failed(unpacking, "setxattr", member);
	return 0;
}

static int put(struct unpacking *unpacking, const struct member *member)
{
	if (unpacking->options->layer && strncmp(member->name, WHITEOUT_PREFIX, strlen(WHITEOUT_PREFIX)) == 0)
		return put_whiteout(unpacking, member);
	switch (member->entry->type) {
	case TAR_FILE:
		return put_file(unpacking, member);
	case TAR_DIRECTORY:
		return put_directory(unpacking, member);
	case TAR_SYMLINK:
		return put_symlink(unpacking, member);
	case TAR_HARD_LINK:
		return put_hard_link(unpacking, member);
	default:
		return put_special(unpacking, member);
	}
}

static int put_entry(struct unpacking *unpacking, const struct tar_entry *entry)
{
	CLEANUP_FREE char *path = clean_path(entry->path);
	const char *slash = strrchr(path, '/');
	struct member member = { .entry = entry, .path = path, .name = slash ? slash + 1 : path };
	const struct unpack_options *options = unpacking->options;

	member.uid = options->uid < 0 ? entry->uid : (uint32_t)options->uid;
	member.gid = options->gid < 0 ? entry->gid : (uint32_t)options->gid;
	owner_adapt(&member.uid, &member.gid);
	member.parent = open_parent(unpacking, path, slash ? (size_t)(slash - path) : 0);
	if (member.parent < 0)
		return -1;
	if (!*path) {
		member.name = ".";
		/* ADD unpacks into a directory that has its owner and mode already; a layer describes its root. */
		return options->layer ? put_root(unpacking, &member) : 0;
	}
	unpacking->totals->entries++;
	return put(unpacking, &member);
}

int unpack(int root, struct tar_reader *reader, const struct unpack_options *options, struct unpack_totals *totals,
	   struct failure *failure)
{
	struct unpacking unpacking = {
		.root = root,
		.reader = reader,
		.options = options,
		.totals = totals,
		.failure = failure,
		.parent = -1,
	};
	int got;

	memset(totals, 0, sizeof *totals);
	while ((got = tar_next(reader, failure)) == 1)
		if (put_entry(&unpacking, &reader->entry) < 0) {
			got = -1;
			break;
		}
	if (got == 0)
		got = dated_apply(&unpacking.dated, root, failure);
	if (got == 0)
		got = tar_finish(reader, failure);
	forget_parent(&unpacking);
	dated_free(&unpacking.dated);
	return got;
}
