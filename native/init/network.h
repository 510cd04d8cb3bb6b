/* Bridges and the interfaces of containers, by netlink. */
#ifndef SAMPAN_NETWORK_H
#define SAMPAN_NETWORK_H

#include "spec.h"

/* Give process `pid`, alone in its network namespace, an interface eth0 whose other end is on the bridge. */
int network_attach(const struct network_spec *network, pid_t pid, struct failure *failure);

/* Bring up eth0 with its address and default route; runs in the container's network namespace. */
int network_configure(const struct network_spec *network, struct failure *failure);

/*
 * Make the bridge with its address (`a.b.c.d/n`) in this network namespace, or find it; up and with that alias in any
 * case. 1: the address is new.
 */
int network_make_bridge(const char *bridge, const char *address, const char *alias, struct failure *failure);

/* Bring up lo; runs in the container's network namespace. */
int network_loopback(struct failure *failure);

/* Remove a bridge; fine when there is none. */
int network_remove_bridge(const char *bridge, struct failure *failure);

#endif
