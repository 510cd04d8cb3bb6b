/* Networks that containers are attached to: a bridge with its address, its rules, and the way out. */
#ifndef SAMPAN_NET_H
#define SAMPAN_NET_H

#include "core/failure.h"

struct net_range {
	const char *bridge;
	/* Address of the bridge with the length of the prefix, `a.b.c.d/n`. */
	const char *gateway;
	const char *subnet;
};

#define NET_WARNINGS_MAX 2

struct net_state {
	/* As `egress` in native/WIRE.md. */
	const char *egress;
	/* Words for what is missing. */
	const char *warnings[NET_WARNINGS_MAX];
	int warning_count;
};

/* Make what is not there; everything may be there already. Needs the socket to the process outside. 0 or -1. */
int net_ensure(const struct net_range *range, struct net_state *state, struct failure *failure);

#endif
