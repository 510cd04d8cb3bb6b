#include "process_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What execvp(3) searches without a PATH; docker sets the longer list itself. */
static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* 0 when it can be executed, else why not. */
static int check(const char *path)
{
	struct stat info;

	if (stat(path, &info) < 0)
		return errno;
	if (S_ISDIR(info.st_mode))
		return EISDIR;
	if (!S_ISREG(info.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return EACCES;
	return 0;
}

static const char *search_path(const struct process_spec *process)
{
	for (size_t i = 0; i < process->env.count; i++)
		if (strncmp(process->env.items[i], "PATH=", 5) == 0)
			return process->env.items[i] + 5;
	return default_path;
}

int process_find(const struct process_spec *process, char *path, struct failure *failure)
{
	const char *name = process->args.items[0];
	const char *at;
	int found = ENOENT, more = 1;

	if (!*name)
		return fail(failure, "exec", "", ENOENT);
	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		found = check(path);
		return found ? fail(failure, "exec", name, found) : 0;
	}
	for (at = search_path(process); more; at += strcspn(at, ":") + 1) {
		size_t size = strcspn(at, ":");
		int outcome;
		more = at[size] == ':';
		if ((size_t)snprintf(path, PATH_MAX, "%.*s%s%s", (int)size, at, size ? "/" : "./", name) >= PATH_MAX)
			continue;
		outcome = check(path);
		if (outcome == 0)
			return 0;
		/* A file that cannot be executed is the better answer, unless the search finds another one. */
		if (outcome == EACCES)
			found = EACCES;
	}
	return fail(failure, "exec", name, found);
}
