/* From id 0 in the container's namespaces to the user's program: limits, ids, capabilities, filter, exec. */
#ifndef SAMPAN_PROCESS_SETUP_H
#define SAMPAN_PROCESS_SETUP_H

#include "spec.h"

/* stdin, stdout, stderr of the process to come. */
struct stdio {
	int fds[3];
};

/* Session, standard descriptors (all others close at exec), limits, ids, bounding set, working directory. */
int process_prepare(const struct process_spec *process, const struct stdio *stdio, struct failure *failure);

/*
 * Find the program that args[0] names as the process itself will see it: PATH of its own environment, its own
 * ids, its own working directory. ENOENT, EACCES or EISDIR as execvp(3) would have it. `path` holds PATH_MAX.
 */
int process_find(const struct process_spec *process, char *path, struct failure *failure);

/* Last steps and execve(2). Returns only on failure. */
int process_exec(const struct process_spec *process, const char *path, struct failure *failure);

#endif
