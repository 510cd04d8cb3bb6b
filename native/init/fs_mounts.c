/* Rootfs that a session has mounted. They are detached mounts: nobody else ever sees them. */
#include "fs.h"

#include "core/overlay.h"
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static size_t find(const struct fs_session *session, long long id)
{
	size_t at = 0;

	while (at < session->mount_count && session->mounts[at].id != id)
		at++;
	return at;
}

int fs_mounted(const struct fs_session *session, const struct wire_message *request, const char *key,
	       struct failure *failure)
{
	size_t at = find(session, wire_get_number(request, key, -1));

	if (at == session->mount_count)
		return fail_because(failure, "request", key, EBADF, "the rootfs is not mounted in this session");
	return session->mounts[at].fd;
}

static void add_mount(struct fs_session *session, int fd, struct wire_fields *result)
{
	size_t size = (session->mount_count + 1) * sizeof *session->mounts;

	session->mounts = realloc(session->mounts, size);
	if (!session->mounts)
		abort();
	session->mounts[session->mount_count++] = (struct fs_mount){ ++session->last_mount, fd };
	wire_add_number(result, "mount", session->last_mount);
}

/* The values of a key that repeats, NUL-terminated; the caller frees each and the list. */
static char **list_of(const struct wire_message *request, const char *key, size_t *count)
{
	struct wire_field field;
	char **list = NULL;
	size_t at = 0;

	*count = 0;
	while (wire_next(request, &at, &field) == 1) {
		if (!wire_field_is(&field, key))
			continue;
		list = realloc(list, (*count + 1) * sizeof *list);
		if (!list)
			abort();
		list[(*count)++] = strndup(field.value, field.value_size);
	}
	return list;
}

int fs_open_layers(const struct wire_message *request, int with_upper, struct failure *failure)
{
	/* Nothing is run from here and no device is opened. */
	static const unsigned int attributes = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	CLEANUP_FREE char *upper = with_upper ? wire_get(request, "upper") : NULL;
	CLEANUP_FREE char *work = with_upper ? wire_get(request, "work") : NULL;
	struct overlay overlay = { .upper = upper, .work = work };
	char **lowers = list_of(request, "lower", &overlay.lower_count);
	int fd;

	overlay.lowers = (const char *const *)lowers;
	fd = overlay_mount(&overlay, attributes, failure);
	for (size_t i = 0; i < overlay.lower_count; i++)
		free(lowers[i]);
	free(lowers);
	return fd;
}

static int open_overlay(const struct overlay *overlay, struct failure *failure)
{
	CLEANUP_FD int mount = overlay_mount(overlay, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, failure);
	int directory;

	if (mount < 0)
		return -1;
	directory = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return directory < 0 ? fail(failure, "open", "/", errno) : directory;
}

int fs_open_merged(const struct wire_message *request, const char *key, struct failure *failure)
{
	struct overlay overlay = { 0 };
	char **paths = list_of(request, key, &overlay.lower_count);
	int directory;

	overlay.lowers = (const char *const *)paths;
	if (overlay.lower_count == 0)
		directory = fail_because(failure, "request", key, EPROTO, "the field is missing");
	else if (overlay.lower_count > 1)
		directory = open_overlay(&overlay, failure);
	else if ((directory = open(paths[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		fail(failure, "open", paths[0], errno);
	for (size_t i = 0; i < overlay.lower_count; i++)
		free(paths[i]);
	free(paths);
	return directory;
}

/* lower, repeated, topmost first; upper and work. Answers with the number of the mount. */
FS_OP(fs_mount)
{
	int fd = fs_open_layers(request, 1, failure);

	if (fd < 0)
		return -1;
	add_mount(session, fd, result);
	return 0;
}

/* path: a directory of the host, as if it were a rootfs. Answers with the number of the mount. */
FS_OP(fs_open_directory)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int fd;

	if (!path)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(failure, "open", path, errno);
	add_mount(session, fd, result);
	return 0;
}

/* pid, startTime: a process. Its root as it sees it, mounts included. Answers with the number of the mount. */
FS_OP(fs_open_process)
{
	CLEANUP_FREE char *start_time = fs_text(request, "startTime", failure);
	struct process_identity process = { .pid = (pid_t)wire_get_number(request, "pid", -1) };
	CLEANUP_FD int pidfd = -1;
	CLEANUP_FD int fd = -1;
	char path[64];

	if (!start_time)
		return -1;
	snprintf(process.start_time, sizeof process.start_time, "%s", start_time);
	snprintf(path, sizeof path, "/proc/%d/root", (int)process.pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Looked at afterwards: then the root was that process's and no later one's with its number. */
	if (boot_id(process.boot_id, sizeof process.boot_id) < 0 || (pidfd = process_open(&process)) < 0)
		return fail(failure, "find", "the process", ESRCH);
	if (fd < 0)
		return fail(failure, "open", path, errno);
	add_mount(session, fd, result);
	fd = -1;
	return 0;
}

FS_OP(fs_unmount)
{
	size_t at = find(session, wire_get_number(request, "mount", -1));

	(void)result;
	if (fs_mounted(session, request, "mount", failure) < 0)
		return -1;
	close(session->mounts[at].fd);
	session->mounts[at] = session->mounts[--session->mount_count];
	return 0;
}

void fs_drop_mounts(struct fs_session *session)
{
	for (size_t i = 0; i < session->mount_count; i++)
		close(session->mounts[i].fd);
	free(session->mounts);
	session->mounts = NULL;
	session->mount_count = 0;
}
