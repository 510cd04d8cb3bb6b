/*
 * The bridges that this runtime folder's networks have. As root they are in the host's network namespace and
 * would stay when the last container is gone; rootless they end with the namespace of the holder.
 */
#ifndef SAMPAN_BRIDGES_H
#define SAMPAN_BRIDGES_H

/* Held while bridges and their rules change, so that no removal meets half of a creation. Close it to let go; -1 rootless. */
int bridges_lock(void);

/* Note a bridge that was made, in `<run>/bridges`. */
void bridges_remember(const char *bridge);

/* Remove noted bridges that nothing is plugged into, with their rules. The holder calls it when it leaves. */
void bridges_remove_unused(void);

#endif
