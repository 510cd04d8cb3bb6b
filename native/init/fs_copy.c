/* Operations of a session that put files into a mounted rootfs. */
#include "fs.h"
#include "fs_copy.h"

#include "core/attributes.h"
#include "core/dated.h"
#include "core/file_copy.h"
#include "core/owners.h"
#include "core/rootmake.h"
#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Name of the first file of each link group. */
struct link_group {
	long long group;
	char *path;
};

struct copying {
	int root;
	/* -1: nothing is read. */
	int source;
	int source_is_rootfs;
	struct failure *failure;
	/* The directory that the last entry went into. */
	char *parent_path;
	int parent;
	struct link_group *groups;
	size_t group_count;
	struct dated dated;
};

static int failed(struct copying *copying, const char *step, const struct place *place)
{
	return fail(copying->failure, step, place->path, errno);
}

/*
 * A source outside any rootfs is read without following any link: what was listed as a file may have been
 * swapped for a link since. Inside a rootfs links stay inside of it, so there they may be followed.
 */
static int open_source(const struct copying *copying, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned long long)(flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
		.resolve = RESOLVE_NO_MAGICLINKS |
			   (copying->source_is_rootfs ? RESOLVE_IN_ROOT : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS),
	};
	long fd;

	do
		fd = syscall(SYS_openat2, copying->source, path, &how, sizeof how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)fd;
}

static int open_parent(struct copying *copying, const char *path, size_t size)
{
	if (copying->parent >= 0 && strlen(copying->parent_path) == size &&
	    memcmp(copying->parent_path, path, size) == 0)
		return copying->parent;
	close_owned(&copying->parent);
	free(copying->parent_path);
	copying->parent_path = strndup(path, size);
	if (!copying->parent_path)
		abort();
	copying->parent = root_open(copying->root, copying->parent_path, O_PATH | O_DIRECTORY, 0);
	return copying->parent;
}

/* Make room for something that is no directory; a directory is never thrown away for it. */
static int clear_place(struct copying *copying, const struct place *place)
{
	if (unlinkat(place->directory, place->name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR)
		return fail_because(copying->failure, "copy", place->path, EISDIR,
				    "a directory is there already, and the copy is not one");
	return failed(copying, "remove", place);
}

static int fill_from_source(struct copying *copying, const struct copy_entry *entry, const struct place *place, int to)
{
	CLEANUP_FD int from = open_source(copying, entry->source, O_RDONLY);
	struct stat info;

	if (from < 0 && !copying->source_is_rootfs && (errno == ELOOP || errno == ENOTDIR || errno == ENOENT))
		errno = ESTALE;
	if ((from < 0 && errno != ESTALE) || (from >= 0 && fstat(from, &info) < 0))
		return fail(copying->failure, "open", entry->source, errno);
	if (from < 0 || !S_ISREG(info.st_mode))
		return fail_because(copying->failure, "open", entry->source, ESTALE,
				    "it is no longer the regular file that was listed");
	return file_copy(from, to, &info) < 0 ? failed(copying, "write", place) : 0;
}

static int fill_from_content(struct copying *copying, const struct copy_entry *entry, const struct place *place, int to)
{
	for (size_t done = 0; done < entry->content_size;) {
		ssize_t wrote = write(to, entry->content + done, entry->content_size - done);
		if (wrote < 0 && errno != EINTR)
			return failed(copying, "write", place);
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return 0;
}

static int put_file(struct copying *copying, const struct copy_entry *entry, const struct place *place,
		    const struct attributes *attributes)
{
	static const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	CLEANUP_FD int to = openat(place->directory, place->name, flags, 0600);
	int filled;

	if (to < 0 && errno == EEXIST) {
		if (clear_place(copying, place) < 0)
			return -1;
		to = openat(place->directory, place->name, flags, 0600);
	}
	if (to < 0)
		return failed(copying, "create", place);
	filled = entry->source ? fill_from_source(copying, entry, place, to)
			       : fill_from_content(copying, entry, place, to);
	return filled < 0 ? -1 : attributes_set(place, to, attributes, copying->failure);
}

static int put_directory(struct copying *copying, const struct copy_entry *entry, const struct place *place,
			 struct attributes *attributes)
{
	int existed = mkdirat(place->directory, place->name, 0700) < 0;
	CLEANUP_FD int fd = -1;

	if (existed && errno != EEXIST)
		return failed(copying, "mkdir", place);
	fd = openat(place->directory, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return fail_because(copying->failure, "copy", place->path, ENOTDIR,
				    "something that is no directory is there already");
	if (fd < 0)
		return failed(copying, "open", place);
	/* Its entries come later and would change the time again. */
	if (attributes->mtime.tv_nsec != UTIME_OMIT)
		dated_add(&copying->dated, place->path, attributes->mtime);
	if (existed && !entry->update)
		return 0;
	attributes->mtime.tv_nsec = UTIME_OMIT;
	return attributes_set(place, fd, attributes, copying->failure);
}

static int put_symlink(struct copying *copying, const struct copy_entry *entry, const struct place *place,
		       const struct attributes *attributes)
{
	if (clear_place(copying, place) < 0)
		return -1;
	if (symlinkat(entry->link ? entry->link : "", place->directory, place->name) < 0)
		return failed(copying, "symlink", place);
	return attributes_set(place, -1, attributes, copying->failure);
}

static int put_special(struct copying *copying, const struct copy_entry *entry, const struct place *place,
		       const struct attributes *attributes)
{
	dev_t device = makedev(entry->major, entry->minor);

	if (clear_place(copying, place) < 0)
		return -1;
	if (mknodat(place->directory, place->name, entry->type | attributes->mode, device) < 0)
		return failed(copying, "mknod", place);
	return attributes_set(place, -1, attributes, copying->failure);
}

static const char *first_of_group(const struct copying *copying, long long group)
{
	/* The newest groups are the likely ones. */
	for (size_t i = copying->group_count; i-- > 0;)
		if (copying->groups[i].group == group)
			return copying->groups[i].path;
	return NULL;
}

static void remember_group(struct copying *copying, long long group, const char *path)
{
	struct link_group **groups = &copying->groups;

	*groups = realloc(*groups, (copying->group_count + 1) * sizeof **groups);
	if (!*groups)
		abort();
	(*groups)[copying->group_count++] = (struct link_group){ group, strdup(path) };
}

static int put_link(struct copying *copying, const char *first, const struct place *place)
{
	const char *slash = strrchr(first, '/');
	CLEANUP_FREE char *parent = slash ? strndup(first, (size_t)(slash - first)) : strdup("");
	CLEANUP_FD int directory = -1;

	if (!parent)
		abort();
	directory = root_open(copying->root, parent, O_PATH | O_DIRECTORY, 0);
	if (clear_place(copying, place) < 0)
		return -1;
	if (linkat(directory, slash ? slash + 1 : first, place->directory, place->name, 0) < 0)
		return failed(copying, "link", place);
	return 0;
}

static int put(struct copying *copying, const struct copy_entry *entry, const struct place *place)
{
	struct attributes attributes = entry->attributes;
	const char *first = entry->group < 0 ? NULL : first_of_group(copying, entry->group);

	owner_adapt(&attributes.uid, &attributes.gid);
	if (first)
		return put_link(copying, first, place);
	if (entry->group >= 0)
		remember_group(copying, entry->group, place->path);
	switch (entry->type) {
	case S_IFREG:
		return put_file(copying, entry, place, &attributes);
	case S_IFDIR:
		return put_directory(copying, entry, place, &attributes);
	case S_IFLNK:
		return put_symlink(copying, entry, place, &attributes);
	default:
		return put_special(copying, entry, place, &attributes);
	}
}

static int put_entry(struct copying *copying, const struct copy_entry *entry)
{
	char *path = entry->target;
	struct place place = { .path = path };
	char *slash;

	for (size_t size = strlen(path); size > 1 && path[size - 1] == '/'; size--)
		path[size - 1] = 0;
	slash = strrchr(path, '/');
	place.name = slash ? slash + 1 : path;
	if (strcmp(place.name, "..") == 0)
		return fail(copying->failure, "copy", path, EINVAL);
	place.directory = open_parent(copying, path, slash ? (size_t)(slash - path) : 0);
	if (place.directory < 0)
		return failed(copying, "open", &place);
	if (!*place.name)
		place.name = ".";
	return put(copying, entry, &place);
}

static int copy_all(struct copying *copying, struct fs_session *session)
{
	struct fs_input input;
	struct copy_entry entry;
	int got;

	fs_input_start(&input, session->fd);
	while ((got = copy_entry_read(&input, &entry, copying->failure)) == 1) {
		int done = put_entry(copying, &entry);
		copy_entry_free(&entry);
		if (done < 0) {
			got = -1;
			break;
		}
	}
	fs_input_free(&input);
	return got == 0 ? dated_apply(&copying->dated, copying->root, copying->failure) : got;
}

static void free_copying(struct copying *copying)
{
	close_owned(&copying->parent);
	free(copying->parent_path);
	for (size_t i = 0; i < copying->group_count; i++)
		free(copying->groups[i].path);
	free(copying->groups);
	dated_free(&copying->dated);
}

/* mount: where to; sourceMount or sourceRoot (a directory of the host): where from. Data: records of entries. */
FS_OP(fs_copy)
{
	CLEANUP_FREE char *source_root = wire_get(request, "sourceRoot");
	struct copying copying = { .source = -1, .parent = -1, .failure = failure };
	CLEANUP_FD int opened = -1;
	int done;

	(void)result;
	copying.root = fs_mounted(session, request, "mount", failure);
	if (copying.root < 0)
		return -1;
	if (source_root) {
		opened = open(source_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (opened < 0)
			return fail(failure, "open", source_root, errno);
		copying.source = opened;
	} else if (wire_get_number(request, "sourceMount", -1) >= 0) {
		copying.source = fs_mounted(session, request, "sourceMount", failure);
		copying.source_is_rootfs = 1;
		if (copying.source < 0)
			return -1;
	}
	done = copy_all(&copying, session);
	free_copying(&copying);
	return done;
}

static void add_made(void *context, const char *path)
{
	struct wire_fields *result = context;

	wire_add(result, "made", path);
}

/* mount, path, mode, uid, gid. Answers with the directories that were made, without leading '/'. */
FS_OP(fs_make_directories)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int root = fs_mounted(session, request, "mount", failure);
	uint32_t uid = (uint32_t)wire_get_number(request, "uid", 0), gid = (uint32_t)wire_get_number(request, "gid", 0);
	struct root_make make = { .mode = (mode_t)wire_get_number(request, "mode", 0755), .made = add_made, .context = result };
	CLEANUP_FD int made = -1;

	if (!path || root < 0)
		return -1;
	owner_adapt(&uid, &gid);
	make.uid = uid;
	make.gid = gid;
	made = root_make_directories(root, path, &make);
	if (made >= 0)
		return 0;
	/* Only chown(2) says EINVAL here. */
	if (errno == EINVAL)
		return fail_because(failure, "chown", path, EINVAL, "owner %u:%u is not mapped", uid, gid);
	return fail(failure, "mkdir", path, errno);
}
