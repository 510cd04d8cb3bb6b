/* Which ids exist inside a user namespace of ours. */
#ifndef SAMPAN_IDMAP_H
#define SAMPAN_IDMAP_H

#include "core/failure.h"

#include <sys/types.h>

/*
 * Map the user namespace of `pid`, a child that waits in a fresh one: id 0 is the caller, then the caller's
 * sub-id ranges (subuid(5)) through newuidmap and newgidmap. -1 and `failure` when the caller has no ranges or
 * the programs are missing or refuse.
 */
int idmap_range(pid_t pid, struct failure *failure);

/* The fallback: id 0 alone. Supplementary groups cannot be changed then (user_namespaces(7)). */
int idmap_single(pid_t pid, struct failure *failure);

/* Give `pid`, in a fresh child of this process's user namespace, all ids of it unchanged. */
int idmap_identity(pid_t pid, struct failure *failure);

/* Number of ids of this process's user namespace. */
long long idmap_count(void);

#endif
