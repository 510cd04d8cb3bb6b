/*
 * Mounts inside a rootfs. Targets are resolved once, inside the root, to an O_PATH fd, and the mount goes onto
 * that fd: nobody who shares a volume can swap the target for a link in between (CVE-2021-30465).
 */
#ifndef SAMPAN_MOUNTS_H
#define SAMPAN_MOUNTS_H

#include "failure.h"

#include <stddef.h>

/* A fresh file system by fsopen(2); `options` are alternating key, value (NULL: a flag), ended by NULL. -1 with errno. */
int new_filesystem(const char *type, const char *const *options, unsigned int attributes);

/* A detached copy of what is at `path` relative to `directory` ("" and a fd: that file itself), with all below it. -1 with errno. */
int clone_tree(int directory, const char *path);

/* Attach detached `mount` onto the file that `target` (O_PATH) is. -1 with errno. */
int attach_at(int mount, int target);

/* Set MOUNT_ATTR_* on a mount and all mounts below it. -1 with errno. */
int restrict_tree(int mount, unsigned int attributes);

/* Make every mount below `mount` private, slave or shared (MS_PRIVATE, MS_SLAVE, MS_SHARED). -1 with errno. */
int set_propagation(int mount, unsigned long propagation);

#endif
