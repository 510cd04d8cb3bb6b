/* Sockets on the host for published ports. */
#ifndef SAMPAN_LISTEN_H
#define SAMPAN_LISTEN_H

#include "spec.h"

/* Bind and, for TCP, listen, in this network namespace; non-blocking. Sets the real port. -1 with errno. */
int listen_on(struct port_spec *port);

#endif
