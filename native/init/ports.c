#include "ports.h"

#include "listen.h"
#include "loop.h"
#include "outside.h"
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 32

struct port {
	struct loop_source source;
	struct port_spec spec;
	struct udp_relay *udp;
	struct sockaddr_in target;
};

static struct {
	struct port *ports;
	size_t count;
	/* Network namespaces: the monitor's own and the container's. */
	int home;
	int inside;
} self = { .home = -1, .inside = -1 };

int ports_open(const struct monitor_spec *spec, struct failure *failure)
{
	self.ports = calloc(spec->port_count + 1, sizeof *self.ports);
	if (!self.ports)
		abort();
	for (size_t i = 0; i < spec->port_count; i++) {
		struct port *port = &self.ports[i];
		char name[64];
		port->spec = spec->ports[i];
		port->source.fd = outside_is_there() ? outside_listen(&port->spec) : listen_on(&port->spec);
		snprintf(name, sizeof name, strchr(port->spec.host_ip, ':') ? "[%s]:%d" : "%s:%d", port->spec.host_ip,
			 port->spec.host_port);
		if (port->source.fd < 0)
			return fail(failure, "publish", name, errno);
		self.count++;
	}
	return 0;
}

/* A socket belongs to the namespace that it was made in, wherever its owner goes. */
static int socket_inside(int type)
{
	int fd;

	if (self.inside < 0 || setns(self.inside, CLONE_NEWNET) < 0)
		return -1;
	fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Staying in the container's namespace would send the next listener astray: better no monitor than that. */
	if (setns(self.home, CLONE_NEWNET) < 0)
		abort();
	return fd;
}

static int dial(const void *target)
{
	const struct port *port = target;
	int fd = socket_inside(port->spec.udp ? SOCK_DGRAM : SOCK_STREAM);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&port->target, sizeof port->target) == 0 || errno == EINPROGRESS)
		return fd;
	close_owned(&fd);
	return -1;
}

static void run_listener(struct loop_source *source, uint32_t events)
{
	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int client = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client < 0)
			return;
		relay_tcp(client, dial, source);
	}
}

/* As for docker's users: what listens on the container's own address is reached, what keeps to its loopback is not. */
static void set_target(struct port *port, const struct monitor_spec *spec)
{
	char address[INET_ADDRSTRLEN] = "127.0.0.1";

	if (spec->network.address)
		snprintf(address, sizeof address, "%.*s", (int)strcspn(spec->network.address, "/"), spec->network.address);
	port->target.sin_family = AF_INET;
	port->target.sin_port = htons((uint16_t)port->spec.container_port);
	inet_pton(AF_INET, address, &port->target.sin_addr);
}

int ports_serve(const struct monitor_spec *spec, int inside, struct failure *failure)
{
	self.inside = inside;
	self.home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (self.home < 0)
		return fail(failure, "publish", "/proc/self/ns/net", errno);
	for (size_t i = 0; i < self.count; i++) {
		struct port *port = &self.ports[i];
		set_target(port, spec);
		if (port->spec.udp) {
			port->udp = relay_udp(port->source.fd, dial, port);
			continue;
		}
		port->source.run = run_listener;
		loop_add(&port->source, EPOLLIN);
	}
	return 0;
}

void ports_pause(void)
{
	close_owned(&self.inside);
	self.inside = -1;
	/* What was dialled belongs to a namespace that ends now. */
	for (size_t i = 0; i < self.count; i++) {
		struct port *port = &self.ports[i];
		int listener = port->udp ? fcntl(port->source.fd, F_DUPFD_CLOEXEC, 0) : -1;
		if (!port->udp || listener < 0)
			continue;
		relay_udp_close(port->udp);
		port->source.fd = listener;
		port->udp = relay_udp(listener, dial, port);
	}
}

void ports_resume(int inside)
{
	self.inside = inside;
}

void ports_close(void)
{
	for (size_t i = 0; i < self.count; i++) {
		struct port *port = &self.ports[i];
		if (port->udp)
			relay_udp_close(port->udp);
		else
			loop_close(&port->source);
	}
	self.count = 0;
}

size_t ports_count(void)
{
	return self.count;
}

int ports_get(size_t index, struct port_spec *port)
{
	if (index >= self.count)
		return 0;
	*port = self.ports[index].spec;
	return 1;
}
