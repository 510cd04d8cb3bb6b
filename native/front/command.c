/* The command as a message: all that the server must know of who typed it. */
#include "front.h"

#include "core/failure.h"
#include "core/wire.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* Neither arguments nor variables have a NUL in them: it ends each. */
static void add(struct wire_fields *message, const char *text)
{
	wire_append(message, text, strlen(text) + 1);
}

/* The bundle that this front belongs to: a server of another one is not to be used. */
static int add_build(struct wire_fields *message, const char *launcher)
{
	char text[PATH_MAX + 64];
	struct stat info;

	if (stat(launcher, &info) < 0)
		return -1;
	snprintf(text, sizeof text, "%llu %lld.%09ld", (unsigned long long)info.st_ino, (long long)info.st_mtim.tv_sec,
		 info.st_mtim.tv_nsec);
	add(message, text);
	return 0;
}

/* Paths mean the same only in one mount namespace. */
static int add_place(struct wire_fields *message)
{
	char link[64], directory[PATH_MAX], mask[16];
	ssize_t length = readlink("/proc/self/ns/mnt", link, sizeof link - 1);
	mode_t old = umask(0);

	umask(old);
	if (length < 0 || !getcwd(directory, sizeof directory) || directory[0] != '/')
		return -1;
	link[length] = 0;
	snprintf(mask, sizeof mask, "%o", old);
	add(message, link);
	add(message, mask);
	add(message, directory);
	return 0;
}

/* Of each stream: `-`, or the size of its terminal. */
static void add_streams(struct wire_fields *message)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct winsize size = { 0 };
		char text[32] = "-";

		if (isatty(fd)) {
			ioctl(fd, TIOCGWINSZ, &size);
			snprintf(text, sizeof text, "%u %u", size.ws_row, size.ws_col);
		}
		add(message, text);
	}
}

int send_command(int server, const char *launcher, char **args)
{
	struct wire_fields message = { 0 };
	size_t count = 0;
	char text[24];
	int result;

	if (add_build(&message, launcher) < 0 || add_place(&message) < 0)
		return -1;
	add_streams(&message);
	while (args[count])
		count++;
	snprintf(text, sizeof text, "%zu", count);
	add(&message, text);
	for (size_t i = 0; i < count; i++)
		add(&message, args[i]);
	for (char **one = environ; *one; one++)
		add(&message, *one);
	result = wire_write(server, (enum wire_type)FRONT_COMMAND, message.data, message.size);
	wire_fields_free(&message);
	return result;
}
