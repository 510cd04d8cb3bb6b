/* Bridges and the interfaces of containers, by netlink. */
#ifndef SAMPAN_NETWORK_H
#define SAMPAN_NETWORK_H

#include "spec.h"

/* Give process `pid`, alone in its network namespace, an interface eth0 whose other end is on the bridge. */
int network_attach(const struct network_spec *network, pid_t pid, struct failure *failure);

/* Bring up lo, and eth0 with its address and default route; runs in the container's network namespace. */
int network_configure(const struct network_spec *network, struct failure *failure);

#endif
