/* cgroup directories of one container, v1 and v2 alike: paths and values come from the server. */
#ifndef SAMPAN_CGROUP_H
#define SAMPAN_CGROUP_H

#include "spec.h"

/* Make the directories and write their files, in order. A write that may fail is skipped when it does. */
int cgroups_create(const struct monitor_spec *spec, struct failure *failure);
int cgroups_enter(const struct monitor_spec *spec, pid_t pid, struct failure *failure);
/* Move a process into the group at `path`. */
int cgroup_enter(const char *path, pid_t pid, struct failure *failure);
/* 1 when the kernel killed a process of it for lack of memory. */
int cgroups_oom_killed(const struct monitor_spec *spec);
/* Kill what is left inside, then remove the directories that were entered and, when empty, the others. */
void cgroups_remove(const struct monitor_spec *spec);

#endif
