/* How much a tree holds. */
#ifndef SAMPAN_TREE_MEASURE_H
#define SAMPAN_TREE_MEASURE_H

#include "inodes.h"

#include <stdint.h>

/* Add the sizes of all that is no directory in an open directory and below, hard links once. 0 or -1 with errno. */
int tree_measure(int directory, struct inodes *inodes, uint64_t *bytes);

#endif
