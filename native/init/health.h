/*
 * Health checks of a running container, docker's (moby: daemon/health.go): a command is run in it again and again, and what
 * came of it is in `health.json` of the runtime folder (HealthState in server/engine/container/health.ts).
 */
#ifndef SAMPAN_HEALTH_H
#define SAMPAN_HEALTH_H

#include "journal.h"
#include "spec.h"

/* Begin for a process that runs. Needs the loop, and a spec that is complete; nothing for a container without a check. */
void health_begin(const struct monitor_spec *spec, const struct process_identity *process, const struct journal *journal);
/* The process has ended: no more checks. What was found stays. */
void health_end(void);

#endif
