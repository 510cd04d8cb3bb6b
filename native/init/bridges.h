/*
 * The bridges that this runtime folder's networks have. As root they are in the host's network namespace and
 * would stay when the last container is gone; rootless they end with the namespace of the holder. Whose a bridge is
 * says the bridge itself: a note in the runtime folder would be lost with it.
 */
#ifndef SAMPAN_BRIDGES_H
#define SAMPAN_BRIDGES_H

#include <stddef.h>

/* An alias holds 255 bytes (IFALIASZ), a runtime folder less than the 108 of a socket's path. */
#define BRIDGE_ALIAS_SIZE 256

/* Held while bridges and their rules change, so that no removal meets half of a creation. Close it to let go; -1 rootless. */
int bridges_lock(void);

/* The alias of a bridge that is made here. */
void bridges_alias(char *alias, size_t size);

/*
 * Remove the bridges that nothing is plugged into, with their rules: those made here, and those of holders that were
 * killed. The holder calls it when it leaves.
 */
void bridges_remove_unused(void);

#endif
