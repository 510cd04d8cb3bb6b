/*
 * Rootless only: the process that stays in the host's network namespace. Nobody inside can get back there
 * (setns(2) would need CAP_SYS_ADMIN in the first user namespace), so it opens what must be open outside.
 */
#ifndef SAMPAN_OUTSIDE_H
#define SAMPAN_OUTSIDE_H

#include "spec.h"

#include <sys/types.h>

/* Serve the holder behind `control` until it ends; never returns. */
_Noreturn void outside_serve(int control, pid_t inside);

/* Inside: is there such a process? As root there is none. */
int outside_is_there(void);

/* Inside: a socket on the host for a published port, the real port set. -1 with errno. */
int outside_listen(struct port_spec *port);

/* Inside: start the way out, or find it running. The program's name or `none`. */
const char *outside_egress(void);

#endif
