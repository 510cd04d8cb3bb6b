/* The way out of the holder's network namespace: a program that carries its packets as ordinary sockets. */
#ifndef SAMPAN_EGRESS_H
#define SAMPAN_EGRESS_H

#include <sys/types.h>

/* `direct` as root; rootless the program that will be used, `pasta` or `slirp4netns`; `none` when neither can work. */
const char *egress_kind(void);

/* May this user make interfaces for a program, /dev/net/tun? */
int egress_has_device(void);

/*
 * Outside: start it for the network namespace of `inside`, wait until the interface is up. Fine when it runs
 * already. The program's name, or `none` when none is installed or works. It dies with the calling process.
 */
const char *egress_start(pid_t inside);
void egress_stop(void);

#endif
