#include "names.h"

#include "failure.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *must(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

static void add(struct names *names, const char *name)
{
	if (names->count == 0 || (names->count >= 16 && (names->count & (names->count - 1)) == 0))
		names->list = must(realloc(names->list, (names->count ? names->count * 2 : 16) * sizeof *names->list));
	names->list[names->count++] = must(strdup(name));
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int names_read(int directory, struct names *names)
{
	CLEANUP_FREE char *buffer = must(malloc(32768));
	ssize_t got;

	memset(names, 0, sizeof *names);
	if (lseek(directory, 0, SEEK_SET) < 0)
		return -1;
	while ((got = getdents64(directory, buffer, 32768)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				add(names, entry->d_name);
			at += entry->d_reclen;
		}
	}
	if (got < 0) {
		int error = errno;
		names_free(names);
		errno = error;
		return -1;
	}
	if (names->count > 1)
		qsort(names->list, names->count, sizeof *names->list, compare);
	return 0;
}

void names_merge(struct names *names, const struct names *more)
{
	struct names merged = { 0 };
	size_t a = 0, b = 0;

	while (a < names->count || b < more->count) {
		int order = a == names->count ? 1 : b == more->count ? -1 : strcmp(names->list[a], more->list[b]);
		add(&merged, order <= 0 ? names->list[a] : more->list[b]);
		a += order <= 0;
		b += order >= 0;
	}
	names_free(names);
	*names = merged;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	memset(names, 0, sizeof *names);
}

char *path_join(const char *prefix, const char *name)
{
	size_t prefix_size = strlen(prefix), name_size = strlen(name);
	char *path = must(malloc(prefix_size + name_size + 2));

	memcpy(path, prefix, prefix_size);
	if (prefix_size > 0)
		path[prefix_size++] = '/';
	memcpy(path + prefix_size, name, name_size + 1);
	return path;
}
