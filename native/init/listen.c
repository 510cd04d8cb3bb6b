#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t parse(const struct port_spec *port, union address *address)
{
	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, port->host_ip, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons((uint16_t)port->host_port);
		return sizeof address->v4;
	}
	if (inet_pton(AF_INET6, port->host_ip, &address->v6.sin6_addr) == 1) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons((uint16_t)port->host_port);
		return sizeof address->v6;
	}
	errno = EINVAL;
	return 0;
}

static int prepare(int fd, const struct port_spec *port, const union address *address, socklen_t size)
{
	static const int on = 1;

	/* A port is free again at once after its container, whatever connections linger in TIME_WAIT. */
	if (!port->udp && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -1;
	/* The same number may be published for IPv4 by a socket of its own. */
	if (address->any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
		return -1;
	if (bind(fd, &address->any, size) < 0)
		return -1;
	return port->udp ? 0 : listen(fd, SOMAXCONN);
}

int listen_on(struct port_spec *port)
{
	union address address;
	socklen_t size = parse(port, &address);
	int type = (port->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = size ? socket(address.any.sa_family, type, 0) : -1;

	if (fd < 0)
		return -1;
	if (prepare(fd, port, &address, size) < 0 || getsockname(fd, &address.any, &size) < 0) {
		close_owned(&fd);
		return -1;
	}
	port->host_port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
	return fd;
}
