/* The tiny init that `--init` puts before the program. */
#ifndef SAMPAN_PID1_H
#define SAMPAN_PID1_H

/* Run the program as a child, forward signals to it, reap orphans; returns the exit code. */
int pid1_main(const char *path, char *const *args);

#endif
