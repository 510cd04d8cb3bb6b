/* The container's first process, from clone to exec. */
#ifndef SAMPAN_CONTAINER_H
#define SAMPAN_CONTAINER_H

#include "newborn.h"
#include "process_setup.h"
#include "spec.h"

#include <sys/types.h>

/*
 * Clone it into its namespaces; it waits for SYNC_MAPPED then, and reads the rest of its spec from `connection`.
 * `stdio` is used when there is no terminal.
 */
struct birth {
	struct monitor_spec *spec;
	int connection;
	/* It was there before: its files are written already, and others may have changed them. */
	int again;
	struct stdio stdio;
};

int container_clone(struct birth *birth, struct newborn *newborn, struct failure *failure);

/* 1 when it shares a namespace of another container; it is in that one's user namespace then. */
int container_joins(const struct monitor_spec *spec);

/* Take on id 0 of the user namespace that was entered, not inspectable by anybody in it. */
int become_id_zero(struct failure *failure);

#endif
