/* Which places of a rootfs a mount of a spec may cover. */
#ifndef SAMPAN_TARGET_H
#define SAMPAN_TARGET_H

#include "core/failure.h"

/* Refuse /proc and all below it before anything is made there. 0 or -1 with step "mount-protected". */
int target_check_name(const char *path, struct failure *failure);

/*
 * Refuse what `path` led to, before it is covered: anything of procfs; and what belongs to the kernel (sysfs, cgroups,
 * terminals, message queues, device nodes, the container's /dev) when a link led there instead of the path's own
 * words. `target` is the O_PATH descriptor that the mount goes onto, so what is checked is what is covered.
 * 0 or -1 with step "mount-protected".
 */
int target_check(int root, const char *path, int target, struct failure *failure);

#endif
