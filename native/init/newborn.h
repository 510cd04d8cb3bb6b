/* A process that is being born: cloned by a monitor or exec session, not yet the user's program. */
#ifndef SAMPAN_NEWBORN_H
#define SAMPAN_NEWBORN_H

#include "core/failure.h"

#include <linux/sched.h>
#include <sys/types.h>

/* The parent's handles on it. */
struct newborn {
	pid_t pid;
	int pidfd;
	int sync;
	/* In: an open directory of a v2 cgroup to be born in, or -1. */
	int cgroup;
	/* Out: it was born there. */
	int in_cgroup;
};

#define NEWBORN_NONE { .pid = -1, .pidfd = -1, .sync = -1, .cgroup = -1 }

/* What runs in the new process, with its end of the sync socket. */
typedef void (*newborn_main)(const void *argument, int sync);

/*
 * clone3(2) with `flags`; the child runs `run`, which must not return. A kernel that refuses `cgroup` is no failure:
 * the parent moves the child there then.
 */
int newborn_clone(struct newborn *newborn, unsigned long long flags, newborn_main run, const void *argument,
		  struct failure *failure);

/*
 * In a process made by newborn_clone that has joined other namespaces: clone the real one, as a child of our
 * parent, and leave. Only children of the joiner are in a pid namespace that it joined.
 */
struct succession {
	unsigned long long flags;
	/* As in struct newborn. The process in between is not in it: it would count against the group's limit of processes. */
	int cgroup;
};

_Noreturn void newborn_succeed(const struct succession *succession, newborn_main run, const void *argument, int sync);

/* The parent's side of newborn_succeed: from now on `newborn` is the successor. */
int newborn_adopt(struct newborn *newborn, struct failure *failure);

/* Report and exit. */
_Noreturn void newborn_fail(int sync, const struct failure *failure);

#endif
