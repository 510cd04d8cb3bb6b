/* The operation that lists a tree of a mounted rootfs. */
#include "fs.h"
#include "fs_entry.h"

#include "core/marks.h"
#include "core/names.h"
#include "core/rootpath.h"
#include "core/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walking {
	struct fs_records records;
	int hash;
	int recursive;
	uint8_t *buffer;
	struct failure *failure;
};

static int walk_directory(struct walking *walking, int directory, const char *prefix);

/* Closes fd. */
static int add_hash(struct walking *walking, struct wire_fields *fields, int opened, const char *path)
{
	CLEANUP_FD int fd = opened;
	struct sha256 hash;
	char hex[SHA256_HEX_SIZE];
	ssize_t got;

	if (fd < 0)
		return fail(walking->failure, "open", path, errno);
	sha256_start(&hash);
	while ((got = read(fd, walking->buffer, WIRE_DATA_MAX)) > 0)
		sha256_add(&hash, walking->buffer, (size_t)got);
	if (got < 0)
		return fail(walking->failure, "read", path, errno);
	sha256_finish_hex(&hash, hex);
	wire_add(fields, "sha256", hex);
	return 0;
}

static int send(struct walking *walking, struct wire_fields *fields, const char *path, int result)
{
	if (result == 0 && fs_records_add(&walking->records, fields) < 0)
		result = fail(walking->failure, "write", path, errno);
	wire_fields_free(fields);
	return result;
}

static int add(struct walking *walking, const struct place *place, const struct stat *info)
{
	static const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct wire_fields fields = { 0 };
	int result = fs_entry_describe(&fields, place, info, walking->failure);

	if (result == 0 && walking->hash && S_ISREG(info->st_mode))
		result = add_hash(walking, &fields, openat(place->directory, place->name, flags), place->path);
	return send(walking, &fields, place->path, result);
}

static int walk_entry(struct walking *walking, const struct place *place)
{
	struct stat info;
	CLEANUP_FD int inside = -1;

	if (fstatat(place->directory, place->name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(walking->failure, "stat", place->path, errno);
	/* Left over only where nothing lies below it: overlayfs shows none. */
	if (is_whiteout(&info))
		return 0;
	if (add(walking, place, &info) < 0)
		return -1;
	if (!walking->recursive || !S_ISDIR(info.st_mode))
		return 0;
	inside = openat(place->directory, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0)
		return fail(walking->failure, "open", place->path, errno);
	return walk_directory(walking, inside, place->path);
}

static int walk_directory(struct walking *walking, int directory, const char *prefix)
{
	CLEANUP_NAMES struct names names = { 0 };

	if (names_read(directory, &names) < 0)
		return fail(walking->failure, "readdir", prefix, errno);
	for (size_t i = 0; i < names.count; i++) {
		CLEANUP_FREE char *path = NULL;
		if (asprintf(&path, "%s/%s", prefix, names.list[i]) < 0)
			abort();
		if (walk_entry(walking, &(struct place){ directory, names.list[i], path }) < 0)
			return -1;
	}
	return 0;
}

/* The one file that a path leads to. */
static int walk_file(struct walking *walking, int root, int fd, const struct stat *info, const char *path)
{
	struct wire_fields fields = { 0 };
	int result = fs_entry_describe(&fields, &(struct place){ fd, "", path }, info, walking->failure);

	if (result == 0 && walking->hash && S_ISREG(info->st_mode))
		result = add_hash(walking, &fields, root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0), path);
	return send(walking, &fields, path, result);
}

static int walk_path(struct walking *walking, int root, char *path)
{
	CLEANUP_FD int top = root_open(root, path, O_PATH, 0);
	CLEANUP_FD int directory = -1;
	struct stat info;

	if (top < 0 || fstat(top, &info) < 0)
		return fail(walking->failure, "open", path, errno);
	if (!S_ISDIR(info.st_mode))
		return walk_file(walking, root, top, &info, path);
	directory = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return fail(walking->failure, "open", path, errno);
	for (size_t size = strlen(path); size > 0 && path[size - 1] == '/'; size--)
		path[size - 1] = 0;
	return walk_directory(walking, directory, path);
}

/* mount, path (its links are followed), hash, recursive. Answers with records as fs_entry_describe makes them. */
FS_OP(fs_walk)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	CLEANUP_FREE uint8_t *buffer = malloc(WIRE_DATA_MAX);
	int root = fs_mounted(session, request, "mount", failure);
	struct walking walking = {
		.records = { .session = session },
		.hash = wire_get_number(request, "hash", 0) == 1,
		.recursive = wire_get_number(request, "recursive", 0) == 1,
		.buffer = buffer,
		.failure = failure,
	};
	int done;

	(void)result;
	if (!buffer)
		abort();
	if (!path || root < 0)
		return -1;
	done = walk_path(&walking, root, path);
	if (fs_records_end(&walking.records) < 0 && done == 0)
		return fail(failure, "write", path, errno);
	return done;
}
