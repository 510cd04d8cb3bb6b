/* Removing trees without ever following a link. */
#ifndef SAMPAN_TREE_REMOVE_H
#define SAMPAN_TREE_REMOVE_H

/*
 * Remove `name` in an open directory and all below it; missing is fine. Trees of any depth: what lies too
 * deep for descriptors is moved up first. 0 or -1 with errno (ENOTEMPTY when someone keeps filling it).
 */
int tree_remove(int directory, const char *name);

#endif
