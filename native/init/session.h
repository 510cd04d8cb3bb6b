#ifndef SAMPAN_SESSION_H
#define SAMPAN_SESSION_H

/* Serve one connection in the role that its first request names; returns the exit code. */
int session_main(int fd);

#endif
