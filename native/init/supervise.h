/* One process from exec to exit: its standard streams, attachers, log and exit status. Used by monitor and exec. */
#ifndef SAMPAN_SUPERVISE_H
#define SAMPAN_SUPERVISE_H

#include "container.h"
#include "process_setup.h"

#include <signal.h>

struct supervise_options {
	int tty;
	int open_stdin;
	/* Close stdin when an attacher that wrote to it leaves. */
	int stdin_once;
	/* Exec only when the first attacher came, or after half a minute. */
	int wait_for_attach;
	const char *attach_path;
};

/* Make the pipes (or, for a terminal, nothing yet). `theirs` is for the process. */
int supervise_open(const struct supervise_options *options, struct stdio *theirs, struct failure *failure);

/* Make the attach socket. */
int supervise_listen(struct failure *failure);

/* Close this side's copies of `theirs`, once the process has been cloned. */
void supervise_close_theirs(struct stdio *theirs);

/* The process says that it is ready; its terminal's master, or -1. */
int supervise_wait_ready(const struct newborn *newborn, struct failure *failure);

/* Wait until it has executed, for which it waits itself with `wait_for_attach`. 0 when it did, -1 and `failure` when not. */
int supervise_go(const struct newborn *newborn, struct failure *failure);

/*
 * Serve until the process has ended and all its output is through. `started` runs once: at once, or after the
 * first attacher came when that was asked for; when it returns -1 the process could not be executed.
 */
void supervise_run(const struct newborn *newborn, int (*started)(void), siginfo_t *ended);

/* The shell's convention: the code, or 128 + the signal. */
int supervise_exit_code(const siginfo_t *ended);

/* What docker reports for a program that could not be started: 127 not found, 126 not executable, 255 no format that the kernel knows, 125 the rest. */
int supervise_failed_code(const struct failure *failure);

/* Send the exit frame. */
void supervise_tell_exit(int exit_code, const struct failure *failure);

/* Serve attachers until they have read everything. */
void supervise_finish(void);

#endif
