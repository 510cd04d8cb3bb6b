/* One more process in a running container. */
#ifndef SAMPAN_EXEC_H
#define SAMPAN_EXEC_H

#include "process_setup.h"
#include "spec.h"

/*
 * Run it to its end, with these streams, in a process that does nothing else: its exit code in the shell's convention,
 * or -1 and `failure` when it could not be run. It ends with the caller.
 */
int exec_to_end(const struct exec_spec *spec, struct stdio *stdio, struct failure *failure);

#endif
