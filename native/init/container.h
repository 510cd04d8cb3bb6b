/* The container's first process, from clone to exec. */
#ifndef SAMPAN_CONTAINER_H
#define SAMPAN_CONTAINER_H

#include "process_setup.h"
#include "spec.h"

#include <sys/types.h>

/* A process that is being born: the monitor's handles on it. */
struct newborn {
	pid_t pid;
	int pidfd;
	int sync;
};

/* Clone it into its namespaces; it waits for SYNC_MAPPED then. `stdio` is used when there is no terminal. */
int container_clone(const struct monitor_spec *spec, const struct stdio *stdio, struct newborn *newborn,
		    struct failure *failure);

/* The tiny init: run the program as a child, forward signals, reap orphans, exit with its code. */
_Noreturn void init_run(const struct process_spec *process, const char *path, int sync);

#endif
