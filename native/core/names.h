/* The names in a directory, in byte order. */
#ifndef SAMPAN_NAMES_H
#define SAMPAN_NAMES_H

#include <stddef.h>

struct names {
	char **list;
	size_t count;
};

/* Reads all names but "." and ".."; the position of `directory` is moved. 0 or -1 with errno. */
int names_read(int directory, struct names *names);
/* Take the names of `more` that are missing in `names`, in order. */
void names_merge(struct names *names, const struct names *more);
void names_free(struct names *names);
#define CLEANUP_NAMES __attribute__((cleanup(names_free)))

/* `prefix/name` (or `name` when the prefix is empty) as a fresh string. */
char *path_join(const char *prefix, const char *name);

#endif
