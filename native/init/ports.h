/*
 * Published ports: the monitor listens on the host and relays to sockets that it opens inside the container's
 * network namespace.
 */
#ifndef SAMPAN_PORTS_H
#define SAMPAN_PORTS_H

#include "spec.h"

/* Bind all ports of the spec; a port 0 takes a free one. Step "publish", path `ip:port`. */
int ports_open(const struct monitor_spec *spec, struct failure *failure);
/* Begin to accept. `inside` (taken over) is the container's network namespace. */
int ports_serve(const struct monitor_spec *spec, int inside, struct failure *failure);
/* The container is gone for a while: its namespace is let go, and who connects is hung up on. */
void ports_pause(void);
/* It is there again, in another namespace (taken over). */
void ports_resume(int inside);
/* Stop listening: the ports are free when it returns. Connections end with the monitor. */
void ports_close(void);

size_t ports_count(void);
/* The port at `index` with its real number; 0 past the last. */
int ports_get(size_t index, struct port_spec *port);

#endif
