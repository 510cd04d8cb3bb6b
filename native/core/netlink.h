/* Requests to the kernel's routing and netfilter tables, netlink(7). */
#ifndef SAMPAN_NETLINK_H
#define SAMPAN_NETLINK_H

#include <stddef.h>
#include <stdint.h>

struct netlink_request {
	_Alignas(4) uint8_t data[1024];
	size_t size;
};

/* An open nested attribute: where its header is. */
typedef size_t netlink_nest;

/* A socket for NETLINK_ROUTE or NETLINK_NETFILTER; -1 with errno. */
int netlink_open(int protocol);

/* Begin a request of `type` with NLM_F_* `flags` (REQUEST and ACK are added) and the fixed header of its family. */
void netlink_begin(struct netlink_request *request, int type, int flags, const void *header, size_t size);
void netlink_put(struct netlink_request *request, int type, const void *value, size_t size);
void netlink_put_text(struct netlink_request *request, int type, const char *value);
void netlink_put_u32(struct netlink_request *request, int type, uint32_t value);
netlink_nest netlink_nest_begin(struct netlink_request *request, int type);
void netlink_put_raw(struct netlink_request *request, const void *value, size_t size);
void netlink_nest_end(struct netlink_request *request, netlink_nest nest);

/* Send and wait for the acknowledgement: 0, or -1 with the kernel's errno. */
int netlink_talk(int fd, struct netlink_request *request);

#endif
