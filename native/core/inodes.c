#include "inodes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct inode *find(const struct inodes *inodes, dev_t device, ino_t number)
{
	uint64_t hash = ((uint64_t)number ^ (uint64_t)device << 32) * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(hash >> 32) & (inodes->capacity - 1);

	while (inodes->slots[at].path &&
	       (inodes->slots[at].number != number || inodes->slots[at].device != device))
		at = (at + 1) & (inodes->capacity - 1);
	return &inodes->slots[at];
}

static void grow(struct inodes *inodes)
{
	struct inodes larger = { .capacity = inodes->capacity ? inodes->capacity * 2 : 64, .count = inodes->count };

	larger.slots = calloc(larger.capacity, sizeof *larger.slots);
	if (!larger.slots)
		abort();
	for (size_t i = 0; i < inodes->capacity; i++)
		if (inodes->slots[i].path)
			*find(&larger, inodes->slots[i].device, inodes->slots[i].number) = inodes->slots[i];
	free(inodes->slots);
	*inodes = larger;
}

const char *inodes_meet(struct inodes *inodes, const struct stat *info, const char *path)
{
	struct inode *inode;

	if (inodes->count * 2 >= inodes->capacity)
		grow(inodes);
	inode = find(inodes, info->st_dev, info->st_ino);
	if (inode->path)
		return inode->path;
	*inode = (struct inode){ info->st_dev, info->st_ino, strdup(path) };
	if (!inode->path)
		abort();
	inodes->count++;
	return NULL;
}

void inodes_free(struct inodes *inodes)
{
	for (size_t i = 0; i < inodes->capacity; i++)
		free(inodes->slots[i].path);
	free(inodes->slots);
	memset(inodes, 0, sizeof *inodes);
}
