/* Inodes seen in a walk, by the path they were met at first: how hard links are found. */
#ifndef SAMPAN_INODES_H
#define SAMPAN_INODES_H

#include <stddef.h>
#include <sys/stat.h>

struct inode {
	dev_t device;
	ino_t number;
	char *path;
};

struct inodes {
	struct inode *slots;
	size_t capacity;
	size_t count;
};

/* The path an inode was met at before, or NULL; then `path` is remembered for it. */
const char *inodes_meet(struct inodes *inodes, const struct stat *info, const char *path);
void inodes_free(struct inodes *inodes);
#define CLEANUP_INODES __attribute__((cleanup(inodes_free)))

#endif
