#include "journal.h"

#include "core/failure.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* As server/engine/journal/journal.ts has it. */
#define JOURNAL_MAX (4 * 1024 * 1024)

/* The text of a whole file, or NULL; freed by the caller. */
static char *read_text(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat info;
	char *text;
	ssize_t got;

	if (fd < 0 || fstat(fd, &info) < 0)
		return NULL;
	text = malloc((size_t)info.st_size + 1);
	got = text ? read(fd, text, (size_t)info.st_size) : -1;
	if (got != info.st_size) {
		free(text);
		return NULL;
	}
	text[got] = 0;
	return text;
}

/* One writer does it, and looks again under the lock: another may have done it meanwhile. */
static void rotate(const char *folder, const char *path)
{
	CLEANUP_FD int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char older[PATH_MAX];
	struct stat info;

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0)
		return;
	snprintf(older, sizeof older, "%s/journal.1", folder);
	if (stat(path, &info) == 0 && info.st_size > JOURNAL_MAX)
		rename(path, older);
}

/* One write: the kernel mixes no two of them in a file that is open for appending. */
static void append(const char *folder, const char *line, size_t size)
{
	char path[PATH_MAX];
	CLEANUP_FD int fd = -1;
	struct stat info;

	snprintf(path, sizeof path, "%s/journal", folder);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, line, size) < 0)
		return;
	if (fstat(fd, &info) == 0 && info.st_size > JOURNAL_MAX)
		rotate(folder, path);
}

void journal_append(const struct journal *journal, const char *action, const char *attributes)
{
	CLEANUP_FREE char *renamed = NULL;
	CLEANUP_FREE char *line = NULL;
	const char *actor = journal->actor ? journal->actor : "";
	struct timespec now;
	char path[PATH_MAX];
	int size;

	if (!journal->folder)
		return;
	snprintf(path, sizeof path, "%s/actor", journal->directory);
	renamed = read_text(path);
	if (renamed)
		actor = renamed;
	clock_gettime(CLOCK_REALTIME, &now);
	size = asprintf(&line,
			"{\"Type\":\"container\",\"Action\":\"%s\",\"Actor\":{\"ID\":\"%s\",\"Attributes\":{%s%s%s}},"
			"\"scope\":\"local\",\"time\":%lld,\"timeNano\":%lld%09ld}\n",
			action, journal->id, actor, *actor && *attributes ? "," : "", attributes, (long long)now.tv_sec,
			(long long)now.tv_sec, now.tv_nsec);
	if (size < 0) {
		line = NULL;
		return;
	}
	append(journal->folder, line, (size_t)size);
}
