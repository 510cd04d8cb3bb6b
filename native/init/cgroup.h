/* cgroup directories of one container, v1 and v2 alike: paths and values come from the server. */
#ifndef SAMPAN_CGROUP_H
#define SAMPAN_CGROUP_H

#include "newborn.h"
#include "spec.h"

/* Make the directories and write their files, in order. A write that may fail is skipped when it does. */
int cgroups_create(const struct monitor_spec *spec, struct failure *failure);
/*
 * The v2 group that the container's first process is to be in, open; -1 when there is none. Being born there by
 * CLONE_INTO_CGROUP is free, while a move takes milliseconds: the kernel waits for every processor (cgroup.c,
 * cgroup_attach_lock).
 */
int cgroups_birthplace(const struct monitor_spec *spec);
/* Move the first process into its groups, but for the one that it was born in. */
int cgroups_enter(const struct monitor_spec *spec, const struct newborn *newborn, struct failure *failure);
/* Move a process into the group at `path`. */
int cgroup_enter(const char *path, pid_t pid, struct failure *failure);
/* 1 when the directory is a group of v2. */
int cgroup_is_unified(const char *path);
/* How many of its processes the kernel killed for lack of memory since its groups were made. */
int cgroups_oom_kills(const struct monitor_spec *spec);
/* 1 when the container is paused: one of its groups is frozen. */
int cgroups_frozen(const struct monitor_spec *spec);
/* Kill what is left inside: the groups stay for the next run. */
void cgroups_empty(const struct monitor_spec *spec);
/* Groups that the container got after its start: `groups` in the runtime folder names them, a line each. They become part of the spec. */
void cgroups_adopt(struct monitor_spec *spec);
/* Kill what is left inside, then remove the directories that were entered and, when empty, the others. */
void cgroups_remove(const struct monitor_spec *spec);

#endif
