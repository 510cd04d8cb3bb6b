#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static int write_file(const char *group, const char *file, const char *value, struct failure *failure)
{
	char path[PATH_MAX];
	CLEANUP_FD int fd = -1;

	snprintf(path, sizeof path, "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return fail(failure, "cgroup", path, errno);
	return 0;
}

static int make_directories(const char *path, struct failure *failure)
{
	char prefix[PATH_MAX];

	snprintf(prefix, sizeof prefix, "%s", path);
	if (mkdir(prefix, 0755) == 0 || errno == EEXIST)
		return 0;
	for (char *slash = strchr(prefix + 1, '/'); errno == ENOENT && slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(prefix, 0755) < 0 && errno != EEXIST)
			return fail(failure, "cgroup", prefix, errno);
		*slash = '/';
		errno = ENOENT;
	}
	return mkdir(path, 0755) < 0 && errno != EEXIST ? fail(failure, "cgroup", path, errno) : 0;
}

static int create_one(const struct cgroup_spec *group, struct failure *failure)
{
	if (make_directories(group->path, failure) < 0)
		return -1;
	for (size_t i = 0; i < group->write_count; i++) {
		const struct cgroup_write *write = &group->writes[i];
		if (write_file(group->path, write->file, write->value, failure) < 0 && !write->optional)
			return -1;
	}
	return 0;
}

int cgroups_create(const struct monitor_spec *spec, struct failure *failure)
{
	for (size_t i = 0; i < spec->cgroup_count; i++)
		if (create_one(&spec->cgroups[i], failure) < 0)
			return -1;
	failure->error = 0;
	return 0;
}

int cgroup_enter(const char *path, pid_t pid, struct failure *failure)
{
	char text[16];

	snprintf(text, sizeof text, "%d", pid);
	return write_file(path, "cgroup.procs", text, failure);
}

int cgroup_is_unified(const char *path)
{
	struct statfs info;

	return statfs(path, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

int cgroups_birthplace(const struct monitor_spec *spec)
{
	for (size_t i = 0; i < spec->cgroup_count; i++)
		if (spec->cgroups[i].enter && cgroup_is_unified(spec->cgroups[i].path))
			return open(spec->cgroups[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return -1;
}

int cgroups_enter(const struct monitor_spec *spec, const struct newborn *newborn, struct failure *failure)
{
	for (size_t i = 0; i < spec->cgroup_count; i++) {
		const struct cgroup_spec *group = &spec->cgroups[i];
		if (!group->enter || (newborn->in_cgroup && cgroup_is_unified(group->path)))
			continue;
		if (cgroup_enter(group->path, newborn->pid, failure) < 0)
			return -1;
	}
	return 0;
}

/* `oom_kill <n>` is a line of memory.events (cgroup-v2.rst) and of v1's memory.oom_control since 4.13. */
static int oom_kills(const char *group, const char *file)
{
	char path[PATH_MAX], text[1024];
	char *line;

	snprintf(path, sizeof path, "%s/%s", group, file);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) <= 0)
		return 0;
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "oom_kill ", 9) == 0)
			return atoi(line + 9);
	}
	return 0;
}

int cgroups_oom_kills(const struct monitor_spec *spec)
{
	int kills = 0;

	for (size_t i = 0; i < spec->cgroup_count; i++) {
		const char *path = spec->cgroups[i].path;
		if (spec->cgroups[i].enter)
			kills += oom_kills(path, "memory.events") + oom_kills(path, "memory.oom_control");
	}
	return kills;
}

/* How many there were. */
static int kill_each(const char *group)
{
	char path[PATH_MAX], text[4096];
	int count = 0;

	snprintf(path, sizeof path, "%s/cgroup.procs", group);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) <= 0)
		return 0;
	for (char *at = text; *at; at += strcspn(at, "\n") + (strchr(at, '\n') != NULL), count++)
		if (atoi(at) > 1)
			kill(atoi(at), SIGKILL);
	return count;
}

/* cgroup.kill is new in 5.14 and on v2 only; else one by one, for as long as there are any. */
static void kill_all(const char *group)
{
	struct failure ignored;

	if (write_file(group, "cgroup.kill", "1", &ignored) < 0)
		kill_each(group);
}

/* EBUSY lasts until the last zombie of the group is reaped: 1, 2, 4 … ms, two seconds in all. */
static void remove_entered(const char *group)
{
	for (int wait = 1; wait <= 1024; wait *= 2) {
		struct timespec pause = { .tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000L };
		if (rmdir(group) == 0 || errno != EBUSY)
			return;
		kill_all(group);
		nanosleep(&pause, NULL);
	}
}

static int says(const char *group, const char *file, const char *word)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof path, "%s/%s", group, file);
	return read_small_file(AT_FDCWD, path, text, sizeof text) > 0 && strncmp(text, word, strlen(word)) == 0;
}

int cgroups_frozen(const struct monitor_spec *spec)
{
	for (size_t i = 0; i < spec->cgroup_count; i++) {
		const char *path = spec->cgroups[i].path;
		if (says(path, "cgroup.freeze", "1") || says(path, "freezer.state", "FR"))
			return 1;
	}
	return 0;
}

/*
 * Not by cgroup.kill: whoever is born into a group that was killed so is killed too (cgroup.c, kill_seq). Who was paused
 * when it ended would leave a group in which nobody moves.
 */
static void empty_entered(const char *group)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };
	struct failure ignored;

	if (write_file(group, "cgroup.freeze", "0", &ignored) < 0)
		write_file(group, "freezer.state", "THAWED", &ignored);
	for (int tries = 0; kill_each(group) > 0 && tries < 2000; tries++)
		nanosleep(&pause, NULL);
}

void cgroups_empty(const struct monitor_spec *spec)
{
	for (size_t i = 0; i < spec->cgroup_count; i++)
		if (spec->cgroups[i].enter)
			empty_entered(spec->cgroups[i].path);
}

void cgroups_adopt(struct monitor_spec *spec)
{
	char path[PATH_MAX], text[8 * PATH_MAX], *rest = text;
	struct cgroup_spec *all;
	char *line;

	snprintf(path, sizeof path, "%s/groups", spec->run_directory);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) <= 0)
		return;
	unlink(path);
	while ((line = strsep(&rest, "\n")) != NULL && *line == '/') {
		all = realloc(spec->cgroups, (spec->cgroup_count + 1) * sizeof *all);
		if (!all)
			return;
		spec->cgroups = all;
		all[spec->cgroup_count] = (struct cgroup_spec){ .path = strdup(line), .enter = 1 };
		if (all[spec->cgroup_count].path)
			spec->cgroup_count++;
	}
}

void cgroups_remove(const struct monitor_spec *spec)
{
	for (size_t i = spec->cgroup_count; i-- > 0;) {
		if (spec->cgroups[i].enter)
			remove_entered(spec->cgroups[i].path);
		else
			rmdir(spec->cgroups[i].path);
	}
}
