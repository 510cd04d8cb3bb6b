#include "process.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

ssize_t read_small_file(int directory, const char *path, char *text, size_t size)
{
	CLEANUP_FD int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return -1;
	while (used < size - 1) {
		ssize_t got = read(fd, text + used, size - 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	text[used] = 0;
	return (ssize_t)used;
}

int process_start_time(pid_t pid, char *text, size_t size)
{
	char path[32], stat[1024];
	char *at;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (read_small_file(AT_FDCWD, path, stat, sizeof stat) <= 0) {
		errno = ESRCH;
		return -1;
	}
	/* The command name may hold blanks and brackets: field 3 begins after the last ')'. */
	at = strrchr(stat, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at) {
		errno = EBADMSG;
		return -1;
	}
	snprintf(text, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
	return 0;
}

int boot_id(char *text, size_t size)
{
	ssize_t got = read_small_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, size);

	if (got <= 0)
		return -1;
	text[strcspn(text, "\n")] = 0;
	return 0;
}

int process_identify(pid_t pid, struct process_identity *identity)
{
	identity->pid = pid;
	if (process_start_time(pid, identity->start_time, sizeof identity->start_time) < 0)
		return -1;
	return boot_id(identity->boot_id, sizeof identity->boot_id);
}

int process_open(const struct process_identity *identity)
{
	struct process_identity now;
	int fd = pidfd_open(identity->pid, 0);

	if (fd < 0)
		return -1;
	/* Checked after opening: the pidfd pins whoever has the number now. */
	if (process_identify(identity->pid, &now) == 0 && strcmp(now.start_time, identity->start_time) == 0 &&
	    strcmp(now.boot_id, identity->boot_id) == 0)
		return fd;
	close_owned(&fd);
	errno = ESRCH;
	return -1;
}
