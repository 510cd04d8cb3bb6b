#ifndef SAMPAN_DISMISS_H
#define SAMPAN_DISMISS_H

/*
 * Ask the holder of a runtime folder to leave as soon as no container and no session needs it, and wait for that.
 * Unused bridges go with it. 0 when none is left, else 1 with a message on stderr.
 */
int dismiss(const char *run);

#endif
