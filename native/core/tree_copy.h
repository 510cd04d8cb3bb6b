/* Copying a tree with all that belongs to it. */
#ifndef SAMPAN_TREE_COPY_H
#define SAMPAN_TREE_COPY_H

#include "failure.h"

/*
 * The content of the directory `from` into the directory `to`, and from's own attributes onto it: owners, modes,
 * times, extended attributes, hard links, holes, overlay marks. Nothing is followed. What exists is replaced,
 * directories are merged. Sockets are left out. 0 or -1.
 */
int tree_copy(int from, int to, struct failure *failure);

#endif
