/*
 * The talk between a monitor and the process that becomes the user's program, over a SEQPACKET pair that is
 * closed by a successful exec. Each side waits for exactly one kind of message at a time.
 */
#ifndef SAMPAN_SYNC_H
#define SAMPAN_SYNC_H

#include "core/failure.h"

enum sync_kind {
	SYNC_MAPPED = 1, /* monitor: ids are mapped, cgroups are entered */
	SYNC_PLACED,	 /* monitor: the rest of the connection is the process's to read */
	SYNC_LINKED,	 /* monitor: the network interface is there */
	SYNC_GO,	 /* monitor: exec now; sent when exec waits for an attacher */
	SYNC_MOUNTS,	 /* process: its mount namespace */
	SYNC_NETWORK,	 /* process: its network namespace, when ports are published */
	SYNC_READY,	 /* process: all done but exec; carries the terminal's master when there is one */
	SYNC_FAILED,	 /* process: `failure` says what did not work */
	SYNC_PID,	 /* process: the pid of the program, when it is not the process that was cloned */
};

struct sync_message {
	enum sync_kind kind;
	int number;
	/* With SYNC_PID: it was born in the cgroup that it belongs in. */
	int in_cgroup;
	struct failure failure;
};

/* Send, with one descriptor when `fd` is not -1. 0 or -1 with errno. */
int sync_send(int socket, const struct sync_message *message, int fd);

/* Send one kind with nothing else. 0 also when the other side is gone: it failed, and says why when it is asked. -1 with `failure`. */
int sync_tell(int socket, enum sync_kind kind, struct failure *failure);

/* Receive; a descriptor that came along goes to *fd (else -1). 1: message, 0: the other side is gone, -1: errno. */
int sync_receive(int socket, struct sync_message *message, int *fd);

/*
 * Wait for one kind; the descriptor that may come along as in sync_receive (NULL: none is expected). 0, or -1 with
 * `failure`: the one that was sent, or step "setup" with ECHILD when the other side died.
 */
int sync_expect(int socket, enum sync_kind kind, int *fd, struct failure *failure);

#endif
