/* Bytes from here to there: TCP by splice(2), which copies nothing through this process, UDP by datagram. */
#ifndef SAMPAN_RELAY_H
#define SAMPAN_RELAY_H

/* Opens a connected, non-blocking socket to the container's side. -1 with errno. */
typedef int (*relay_dial)(const void *target);

/* Take over an accepted connection. */
void relay_tcp(int client, relay_dial dial, const void *target);

/* The clients of one bound UDP socket. */
struct udp_relay;
struct udp_relay *relay_udp(int fd, relay_dial dial, const void *target);
void relay_udp_close(struct udp_relay *relay);

#endif
