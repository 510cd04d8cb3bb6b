/* From id 0 in the container's namespaces to the user's program: limits, ids, capabilities, filter, exec. */
#ifndef SAMPAN_PROCESS_SETUP_H
#define SAMPAN_PROCESS_SETUP_H

#include "spec.h"

/* stdin, stdout, stderr of the process to come. */
struct stdio {
	int fds[3];
};

/* How eagerly the kernel kills it, oom_score_adj of proc(5); while `pid` is still inspectable by its parent. */
int oom_score_write(const struct process_spec *process, pid_t pid, struct failure *failure);

/* Session, standard descriptors (all others close at exec), limits, ids, bounding set, working directory. */
int process_prepare(const struct process_spec *process, const struct stdio *stdio, struct failure *failure);

/*
 * Find the program that args[0] names as the process itself will see it: PATH of its own environment, its own
 * ids, its own working directory. ENOENT, EACCES or EISDIR as execvp(3) would have it. `path` holds PATH_MAX.
 */
int process_find(const struct process_spec *process, char *path, struct failure *failure);

/* Open this very program for process_exec_init, while /proc is still the host's. -1 with errno. */
int process_keep_init(void);

/* Last steps and execve(2). Returns only on failure. */
int process_exec(const struct process_spec *process, const char *path, struct failure *failure);

/*
 * The same with the helper's own init in front (pid1.h). It is executed too and not just forked: a process that has
 * never executed anything in the container is not dumpable there, and nobody could join it for an exec.
 */
int process_exec_init(const struct process_spec *process, const char *path, struct failure *failure);

#endif
