#include "relay.h"

#include "loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 1024
/* docker-proxy's patience too. */
#define IDLE_SECONDS 90
#define DATAGRAMS_PER_TURN 64

/* One peer on the host's side, with a socket of its own on the container's side, so that answers find back. */
struct client {
	struct loop_source source;
	struct client *next;
	struct udp_relay *relay;
	struct sockaddr_storage address;
	socklen_t address_size;
	time_t last_used;
};

struct udp_relay {
	struct loop_source source;
	relay_dial dial;
	const void *target;
	struct client *clients;
	int count;
};

static char datagram[65536];

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return time.tv_sec;
}

static void drop_client(struct client **at)
{
	struct client *client = *at;

	*at = client->next;
	client->relay->count--;
	loop_close(&client->source);
	free(client);
}

static void drop_idle(struct udp_relay *relay)
{
	time_t limit = now() - IDLE_SECONDS;

	for (struct client **at = &relay->clients; *at;) {
		if ((*at)->last_used < limit)
			drop_client(at);
		else
			at = &(*at)->next;
	}
}

static void run_client(struct loop_source *source, uint32_t events)
{
	struct client *client = (struct client *)source;

	(void)events;
	for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
		ssize_t got = recv(source->fd, datagram, sizeof datagram, 0);
		/* ECONNREFUSED: nobody listens in the container (yet); the client sends again or gives up. */
		if (got < 0)
			return;
		client->last_used = now();
		sendto(client->relay->source.fd, datagram, (size_t)got, 0, (struct sockaddr *)&client->address,
		       client->address_size);
	}
}

static struct client *find_client(struct udp_relay *relay, const struct sockaddr_storage *address, socklen_t size)
{
	for (struct client **at = &relay->clients; *at; at = &(*at)->next) {
		struct client *client = *at;
		if (client->address_size != size || memcmp(&client->address, address, size) != 0)
			continue;
		/* To the front: the busy ones are found first. */
		*at = client->next;
		client->next = relay->clients;
		relay->clients = client;
		return client;
	}
	return NULL;
}

static struct client *add_client(struct udp_relay *relay, const struct sockaddr_storage *address, socklen_t size)
{
	struct client *client;
	int fd;

	drop_idle(relay);
	if (relay->count >= CLIENTS_MAX)
		return NULL;
	fd = relay->dial(relay->target);
	if (fd < 0)
		return NULL;
	client = calloc(1, sizeof *client);
	if (!client) {
		close(fd);
		return NULL;
	}
	*client = (struct client){ { .fd = fd, .run = run_client }, relay->clients, relay, *address, size, now() };
	relay->clients = client;
	relay->count++;
	loop_add(&client->source, EPOLLIN);
	return client;
}

static void run_relay(struct loop_source *source, uint32_t events)
{
	struct udp_relay *relay = (struct udp_relay *)source;

	(void)events;
	for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t size = sizeof address;
		struct client *client;
		ssize_t got = recvfrom(source->fd, datagram, sizeof datagram, 0, (struct sockaddr *)&address, &size);
		if (got < 0)
			return;
		client = find_client(relay, &address, size);
		if (!client)
			client = add_client(relay, &address, size);
		if (!client)
			continue;
		client->last_used = now();
		send(client->source.fd, datagram, (size_t)got, 0);
	}
}

struct udp_relay *relay_udp(int fd, relay_dial dial, const void *target)
{
	struct udp_relay *relay = calloc(1, sizeof *relay);

	if (!relay)
		abort();
	*relay = (struct udp_relay){ .source = { .fd = fd, .run = run_relay }, .dial = dial, .target = target };
	loop_add(&relay->source, EPOLLIN);
	return relay;
}

void relay_udp_close(struct udp_relay *relay)
{
	while (relay->clients)
		drop_client(&relay->clients);
	loop_close(&relay->source);
	free(relay);
}
