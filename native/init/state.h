/* `state.json` of a container (MonitorState in server/engine/runtime/types.ts), written by its monitor alone. */
#ifndef SAMPAN_STATE_H
#define SAMPAN_STATE_H

#include "ports.h"
#include "spec.h"

#include "core/timestamp.h"

#include <signal.h>

struct container_state {
	const char *directory;
	struct process_identity monitor;
	struct process_identity process;
	char started_at[TIMESTAMP_SIZE];
	/* Filled at the end. */
	char finished_at[TIMESTAMP_SIZE];
	int exit_code;
	int signal;
	int oom_killed;
	/* How often the monitor has run it again. */
	int restart_count;
	const struct failure *failure;
};

/* `<directory>/<name>` is replaced as a whole, 0600; not synced. */
int replace_file(const char *directory, const char *name, const char *text, struct failure *failure);

/* A running state needs no fsync: after a crash of the host it is wrong anyhow. */
int state_write_running(const struct container_state *state, struct failure *failure);
/* Take now the space of the record that is written at the exit, when the disk may be full. */
void state_reserve(const char *directory);
/* Take back what was reserved: nothing will be written. */
void state_discard(const char *directory);
/* Ended, and about to be run again: the monitor lives. */
int state_write_restarting(const struct container_state *state, struct failure *failure);
int state_write_exited(const struct container_state *state, struct failure *failure);
/* Make the last write durable. */
void state_sync(const char *directory);

#endif
