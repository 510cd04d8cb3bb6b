#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int netlink_open(int protocol)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
}

void netlink_put_raw(struct netlink_request *request, const void *value, size_t size)
{
	size_t aligned = NLMSG_ALIGN(size);

	/* Every request here is built from names of bounded length. */
	if (request->size + aligned > sizeof request->data)
		abort();
	memset(request->data + request->size, 0, aligned);
	if (size)
		memcpy(request->data + request->size, value, size);
	request->size += aligned;
}

void netlink_begin(struct netlink_request *request, int type, int flags, const void *header, size_t size)
{
	struct nlmsghdr message = {
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST | NLM_F_ACK),
		.nlmsg_seq = 1,
	};

	request->size = 0;
	netlink_put_raw(request, &message, sizeof message);
	netlink_put_raw(request, header, size);
}

void netlink_put(struct netlink_request *request, int type, const void *value, size_t size)
{
	struct nlattr attribute = { .nla_len = (uint16_t)(NLA_HDRLEN + size), .nla_type = (uint16_t)type };

	netlink_put_raw(request, &attribute, sizeof attribute);
	netlink_put_raw(request, value, size);
}

void netlink_put_text(struct netlink_request *request, int type, const char *value)
{
	netlink_put(request, type, value, strlen(value) + 1);
}

void netlink_put_u32(struct netlink_request *request, int type, uint32_t value)
{
	netlink_put(request, type, &value, sizeof value);
}

netlink_nest netlink_nest_begin(struct netlink_request *request, int type)
{
	netlink_nest at = request->size;

	netlink_put(request, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void netlink_nest_end(struct netlink_request *request, netlink_nest nest)
{
	struct nlattr *attribute = (struct nlattr *)(void *)(request->data + nest);

	attribute->nla_len = (uint16_t)(request->size - nest);
}

int netlink_talk(int fd, struct netlink_request *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	_Alignas(struct nlmsghdr) uint8_t answer[8192];
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)request->data;

	message->nlmsg_len = (uint32_t)request->size;
	if (sendto(fd, request->data, request->size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -1;
	for (;;) {
		ssize_t got = recv(fd, answer, sizeof answer, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		message = (struct nlmsghdr *)(void *)answer;
		for (size_t left = (size_t)got; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
			const struct nlmsgerr *outcome = NLMSG_DATA(message);
			/* Data of a get request comes before its acknowledgement. */
			if (message->nlmsg_type != NLMSG_ERROR)
				continue;
			errno = -outcome->error;
			return outcome->error ? -1 : 0;
		}
	}
}
