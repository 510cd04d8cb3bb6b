/* The view of files that a container gets. Runs in the container's first process, in its own namespaces. */
#ifndef SAMPAN_ROOTFS_H
#define SAMPAN_ROOTFS_H

#include "spec.h"

/*
 * Mount everything below a new root, without entering it. Device nodes work only in the /dev made here: the
 * rootfs and every other mount are nodev, so that mknod by a container's root opens nothing, with or without a
 * device cgroup. Returns the root (a fd of the attached mount) or -1.
 */
int rootfs_build(const struct monitor_spec *spec, struct failure *failure);

/* pivot_root(2) into it; the host's tree is gone for this process. */
int rootfs_enter(int root, struct failure *failure);

/* Masked paths, read-only paths, read-only rootfs: last, after everything that writes. */
int rootfs_restrict(const struct monitor_spec *spec, int root, struct failure *failure);

/* A pair of terminals in the /dev/pts below `root`: the master is returned. */
int terminal_open(int root, const struct process_spec *process, int *slave, struct failure *failure);

/* The main process's terminal is also the container's /dev/console. */
int terminal_bind_console(int root, int slave, struct failure *failure);

/* /dev of a container. */
int devices_mount(int root, const struct monitor_spec *spec, struct failure *failure);

/* The mounts of the spec, in order. */
int mounts_attach(int root, const struct monitor_spec *spec, struct failure *failure);

/* Attach `mount` (closed in any case) on rootfs path `path`, which is made when missing; links in it are refused. */
int attach_inside(int root, int mount, const char *path, struct failure *failure);

#endif
