/* The operation that compares an upper directory with the layers below it. */
#include "fs.h"

#include "core/attributes.h"
#include "core/marks.h"
#include "core/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct comparing {
	struct fs_records records;
	struct failure *failure;
};

static int compare_directories(struct comparing *comparing, int upper, int lower, const char *prefix);

static int report(struct comparing *comparing, const char *kind, const char *path)
{
	struct wire_fields fields = { 0 };
	int result;

	wire_add(&fields, "kind", kind);
	wire_add(&fields, "path", path);
	result = fs_records_add(&comparing->records, &fields);
	wire_fields_free(&fields);
	return result < 0 ? fail(comparing->failure, "write", path, errno) : 0;
}

/* What is at `name` in the layers below: 1, 0 when nothing. `lower` is -1 when the directory itself is new. */
static int below(int lower, const char *name, struct stat *info)
{
	return lower >= 0 && fstatat(lower, name, info, AT_SYMLINK_NOFOLLOW) == 0 && !is_whiteout(info);
}

static int compare_entry(struct comparing *comparing, int lower, const struct place *place)
{
	struct stat now, before;
	int existed = below(lower, place->name, &before);
	CLEANUP_FD int inside = -1;
	CLEANUP_FD int inside_before = -1;

	if (fstatat(place->directory, place->name, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(comparing->failure, "stat", place->path, errno);
	if (is_whiteout(&now))
		return existed ? report(comparing, "D", place->path) : 0;
	if (report(comparing, existed ? "C" : "A", place->path) < 0)
		return -1;
	if (!S_ISDIR(now.st_mode))
		return 0;
	inside = openat(place->directory, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0)
		return fail(comparing->failure, "open", place->path, errno);
	if (existed && S_ISDIR(before.st_mode))
		inside_before = openat(lower, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return compare_directories(comparing, inside, inside_before, place->path);
}

/* Add names that an opaque directory hides, so that they are reported as deleted in their place. */
static int names_of_both(struct comparing *comparing, int upper, int lower, struct names *names, const char *prefix)
{
	CLEANUP_NAMES struct names hidden = { 0 };

	if (names_read(upper, names) < 0)
		return fail(comparing->failure, "readdir", prefix, errno);
	if (lower < 0 || !is_opaque(upper))
		return 0;
	if (names_read(lower, &hidden) < 0)
		return fail(comparing->failure, "readdir", prefix, errno);
	names_merge(names, &hidden);
	return 0;
}

static int compare_directories(struct comparing *comparing, int upper, int lower, const char *prefix)
{
	CLEANUP_NAMES struct names names = { 0 };

	if (names_of_both(comparing, upper, lower, &names, prefix) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		CLEANUP_FREE char *path = NULL;
		struct stat info;
		int result;

		if (asprintf(&path, "%s/%s", prefix, names.list[i]) < 0)
			abort();
		if (fstatat(upper, names.list[i], &info, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
			result = report(comparing, "D", path);
		else
			result = compare_entry(comparing, lower, &(struct place){ upper, names.list[i], path });
		if (result < 0)
			return -1;
	}
	return 0;
}

/* lower, repeated; upper, or several as in diffLayer. Answers with records of kind (A, C, D) and path, in byte order, parents first. */
FS_OP(fs_changes)
{
	CLEANUP_FREE char *first_lower = wire_get(request, "lower");
	struct comparing comparing = { .records = { .session = session }, .failure = failure };
	CLEANUP_FD int lower_mount = -1;
	CLEANUP_FD int lower = -1;
	CLEANUP_FD int upper = fs_open_merged(request, "upper", failure);
	int done;

	(void)result;
	if (upper < 0)
		return -1;
	if (first_lower) {
		lower_mount = fs_open_layers(request, 0, failure);
		if (lower_mount < 0)
			return -1;
		lower = openat(lower_mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	done = compare_directories(&comparing, upper, lower, "");
	if (fs_records_end(&comparing.records) < 0 && done == 0)
		return fail(failure, "write", "the changes", errno);
	return done;
}
