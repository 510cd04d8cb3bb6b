#ifndef SAMPAN_SESSION_H
#define SAMPAN_SESSION_H

/* Serve one connection in the role that its first request names; returns the exit code. */
int session_main(int fd);

/* Close this process's copy of the socket to the process outside. */
void session_forget_outside(void);

#endif
