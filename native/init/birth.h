/* The namespaces of a holder. */
#ifndef SAMPAN_BIRTH_H
#define SAMPAN_BIRTH_H

#include "core/failure.h"

#include <sys/types.h>

/* As root: a mount namespace, so that no mount of ours shows on the host; the host's network is ours. */
int birth_root(struct failure *failure);

/*
 * As a user: a user namespace with all ids that the host grants, a mount and a network namespace. Returns in the
 * new process inside; the calling process stays outside (outside.h) and never returns. A monitor that survived
 * an earlier holder lends its namespaces, so that running containers stay reachable.
 */
int birth_rootless(struct failure *failure);

/* Record and forget a process as one that lives in the holder's namespaces and can lend them. */
void birth_lend(void);
void birth_unlend(pid_t pid);

#endif
