/* Overlay mounts by the new mount API: any number of layers, options of our choice and no page limit. */
#ifndef SAMPAN_OVERLAY_H
#define SAMPAN_OVERLAY_H

#include "failure.h"

#include <stddef.h>

/* Lower directories topmost first; upper and work both or none (then the view is read-only). */
struct overlay {
	const char *const *lowers;
	size_t lower_count;
	const char *upper;
	const char *work;
};

/*
 * A detached mount (close the fd to drop it, move_mount(2) to attach it). `attributes` are MOUNT_ATTR_* flags.
 * One lower without an upper becomes a plain bind of it, read-only: overlayfs wants two layers then. An upper
 * without lowers becomes a plain bind too.
 * -1 and `failure` with step "rootfs".
 */
int overlay_mount(const struct overlay *overlay, unsigned int attributes, struct failure *failure);

/* True when this process is not in the first user namespace: overlayfs then keeps its marks in user.* (userxattr). */
int in_user_namespace(void);

#endif
