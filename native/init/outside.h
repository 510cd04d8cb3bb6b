/*
 * Rootless only: the process that stays in the host's network namespace. Nobody inside can get back there
 * (setns(2) would need CAP_SYS_ADMIN in the first user namespace), so it opens what must be open outside.
 */
#ifndef SAMPAN_OUTSIDE_H
#define SAMPAN_OUTSIDE_H

#include <sys/types.h>

/* Serve the holder behind `control` until it ends; never returns. */
_Noreturn void outside_serve(int control, pid_t inside);

#endif
