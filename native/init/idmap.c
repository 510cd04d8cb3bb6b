#include "idmap.h"

#include "program.h"

#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RANGES_MAX 16

struct range {
	unsigned long start, count;
};

/* The caller's name from /etc/passwd; a static program has no name service. USER serves accounts kept elsewhere: newuidmap checks. */
static int own_name(char *name, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	char line[1024];
	unsigned int uid = getuid();

	name[0] = 0;
	while (file && !name[0] && fgets(line, sizeof line, file)) {
		char *colon = strchr(line, ':');
		char *second = colon ? strchr(colon + 1, ':') : NULL;
		if (second && strtoul(second + 1, NULL, 10) == uid && second[1] != ':')
			snprintf(name, size, "%.*s", (int)(colon - line), line);
	}
	if (file)
		fclose(file);
	if (!name[0] && getenv("USER"))
		snprintf(name, size, "%s", getenv("USER"));
	return name[0] ? 0 : -1;
}

/* Lines `name-or-id:start:count`, subuid(5). */
static int read_ranges(const char *path, struct range *ranges)
{
	FILE *file = fopen(path, "re");
	char line[512], name[256], owner[256], id[16];
	int count = 0;

	own_name(name, sizeof name);
	snprintf(id, sizeof id, "%u", getuid());
	while (file && count < RANGES_MAX && fgets(line, sizeof line, file)) {
		struct range *range = &ranges[count];
		if (sscanf(line, "%255[^:]:%lu:%lu", owner, &range->start, &range->count) != 3 || range->count == 0)
			continue;
		if (strcmp(owner, id) == 0 || (name[0] && strcmp(owner, name) == 0))
			count++;
	}
	if (file)
		fclose(file);
	return count;
}

static pid_t spawn_mapper(const char *program, pid_t target, unsigned int own, const struct range *ranges, int count)
{
	char numbers[2 + 3 * (RANGES_MAX + 1)][24];
	char *argv[2 + 3 * (RANGES_MAX + 1) + 1];
	int used = 0;
	unsigned long inside = 1;
	pid_t pid;

	argv[used++] = (char *)program;
#define PUSH(value) \
	do { \
		snprintf(numbers[used], sizeof numbers[used], "%lu", (unsigned long)(value)); \
		argv[used] = numbers[used]; \
		used++; \
	} while (0)
	PUSH(target);
	PUSH(0);
	PUSH(own);
	PUSH(1);
	for (int i = 0; i < count; i++) {
		PUSH(inside);
		PUSH(ranges[i].start);
		PUSH(ranges[i].count);
		inside += ranges[i].count;
	}
#undef PUSH
	argv[used] = NULL;
	errno = posix_spawn(&pid, program, NULL, NULL, argv, environ);
	return errno ? -1 : pid;
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = EPERM;
	return -1;
}

int idmap_range(pid_t pid, struct failure *failure)
{
	struct range uids[RANGES_MAX], gids[RANGES_MAX];
	char newuidmap[64], newgidmap[64];
	int uid_count = read_ranges("/etc/subuid", uids);
	int gid_count = read_ranges("/etc/subgid", gids);
	pid_t first, second;
	int result = 0;

	if (uid_count == 0 || gid_count == 0)
		return fail(failure, "idmap", uid_count == 0 ? "/etc/subuid" : "/etc/subgid", ENOENT);
	if (!find_program("newuidmap", newuidmap, sizeof newuidmap))
		return fail(failure, "idmap", "newuidmap", ENOENT);
	if (!find_program("newgidmap", newgidmap, sizeof newgidmap))
		return fail(failure, "idmap", "newgidmap", ENOENT);
	/* Side by side: each costs about two milliseconds, once per holder. */
	first = spawn_mapper(newuidmap, pid, getuid(), uids, uid_count);
	second = spawn_mapper(newgidmap, pid, getgid(), gids, gid_count);
	if (first < 0 || reap(first) < 0)
		result = fail(failure, "idmap", newuidmap, errno);
	if (second < 0 || reap(second) < 0)
		result = fail(failure, "idmap", newgidmap, errno);
	return result;
}

static int write_proc(pid_t pid, const char *name, const char *text, struct failure *failure)
{
	char path[64];
	CLEANUP_FD int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return fail(failure, "idmap", path, errno);
	return 0;
}

int idmap_single(pid_t pid, struct failure *failure)
{
	char map[32];

	if (write_proc(pid, "setgroups", "deny", failure) < 0)
		return -1;
	snprintf(map, sizeof map, "0 %u 1\n", getgid());
	if (write_proc(pid, "gid_map", map, failure) < 0)
		return -1;
	snprintf(map, sizeof map, "0 %u 1\n", getuid());
	return write_proc(pid, "uid_map", map, failure);
}

/* Each extent onto itself: a line of a child's map must lie within one extent of its parent's. */
static int copy_map(const char *own, pid_t pid, const char *name, struct failure *failure)
{
	char map[2048], text[2048];
	size_t used = 0;
	unsigned long inside, outside, count;
	int consumed;

	if (read_small_file(AT_FDCWD, own, map, sizeof map) <= 0)
		return fail(failure, "idmap", own, errno);
	for (char *at = map; sscanf(at, "%lu %lu %lu%n", &inside, &outside, &count, &consumed) == 3; at += consumed)
		used += (size_t)snprintf(text + used, sizeof text - used, "%lu %lu %lu\n", inside, inside, count);
	return write_proc(pid, name, text, failure);
}

int idmap_identity(pid_t pid, struct failure *failure)
{
	if (copy_map("/proc/self/gid_map", pid, "gid_map", failure) < 0)
		return -1;
	return copy_map("/proc/self/uid_map", pid, "uid_map", failure);
}

long long idmap_count(void)
{
	char map[2048];
	long long total = 0;
	unsigned long inside, outside, count;
	int consumed;

	if (read_small_file(AT_FDCWD, "/proc/self/uid_map", map, sizeof map) <= 0)
		return 1;
	for (char *at = map; sscanf(at, "%lu %lu %lu%n", &inside, &outside, &count, &consumed) == 3; at += consumed)
		total += (long long)count;
	return total;
}
