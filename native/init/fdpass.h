/* One message with at most one descriptor over a SEQPACKET socket (SCM_RIGHTS, unix(7)). */
#ifndef SAMPAN_FDPASS_H
#define SAMPAN_FDPASS_H

#include <stddef.h>

/* Send, with a descriptor when `fd` is not -1. 0 or -1 with errno. */
int fdpass_send(int socket, const void *data, size_t size, int fd);

/*
 * Receive a message of exactly `size` bytes; the descriptor that came along, close-on-exec, goes to *fd (else -1).
 * 1: message; 0: the other side is gone; -1: errno, EBADMSG for a message of another size or of more descriptors.
 */
int fdpass_receive(int socket, void *data, size_t size, int *fd);

#endif
