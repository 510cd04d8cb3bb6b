#include "network.h"

#include "core/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The number of lo in every network namespace (LOOPBACK_IFINDEX of the kernel). */
#define LOOPBACK_INDEX 1

/* An address with its prefix length. */
struct subnet {
	struct in_addr address;
	unsigned char prefix;
};

static int parse_subnet(const char *text, struct subnet *subnet)
{
	char address[INET_ADDRSTRLEN];
	unsigned int prefix;
	int end = 0;

	if (!text || sscanf(text, "%15[0-9.]/%u%n", address, &prefix, &end) != 2 || text[end] || prefix > 32)
		return -1;
	subnet->prefix = (unsigned char)prefix;
	return inet_pton(AF_INET, address, &subnet->address) == 1 ? 0 : -1;
}

static int parse_mac(const char *text, unsigned char mac[6])
{
	return text && sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
			      &mac[5]) == 6 ?
		       0 :
		       -1;
}

static int set_up(int fd, unsigned int index)
{
	struct ifinfomsg header = { .ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0, &header, sizeof header);
	return netlink_talk(fd, &request);
}

static int set_alias(int fd, unsigned int index, const char *alias)
{
	struct ifinfomsg header = { .ifi_index = (int)index };
	struct netlink_request request;

	/* Only an existing interface takes one (rtnetlink(7), do_setlink in the kernel). */
	netlink_begin(&request, RTM_NEWLINK, 0, &header, sizeof header);
	netlink_put(&request, IFLA_IFALIAS, alias, strlen(alias));
	return netlink_talk(fd, &request);
}

static int add_address(int fd, unsigned int index, const struct subnet *subnet)
{
	struct ifaddrmsg header = { .ifa_family = AF_INET, .ifa_prefixlen = subnet->prefix, .ifa_index = index };
	struct in_addr broadcast = subnet->address;
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
	netlink_put(&request, IFA_LOCAL, &subnet->address, sizeof subnet->address);
	netlink_put(&request, IFA_ADDRESS, &subnet->address, sizeof subnet->address);
	if (subnet->prefix < 31) {
		broadcast.s_addr |= htonl(0xffffffffu >> subnet->prefix);
		netlink_put(&request, IFA_BROADCAST, &broadcast, sizeof broadcast);
	}
	return netlink_talk(fd, &request);
}

static int add_default_route(int fd, const char *gateway)
{
	struct rtmsg header = {
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct netlink_request request;
	struct in_addr address;

	if (inet_pton(AF_INET, gateway, &address) != 1) {
		errno = EINVAL;
		return -1;
	}
	netlink_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
	netlink_put(&request, RTA_GATEWAY, &address, sizeof address);
	return netlink_talk(fd, &request);
}

int network_loopback(struct failure *failure)
{
	CLEANUP_FD int fd = netlink_open(NETLINK_ROUTE);

	return fd < 0 || set_up(fd, LOOPBACK_INDEX) < 0 ? fail(failure, "network", "lo", errno) : 0;
}

int network_configure(const struct network_spec *network, struct failure *failure)
{
	CLEANUP_FD int fd = -1;
	unsigned int index;
	struct subnet subnet;

	if (!network->address)
		return 0;
	fd = netlink_open(NETLINK_ROUTE);
	index = if_nametoindex("eth0");
	if (parse_subnet(network->address, &subnet) < 0)
		return fail(failure, "network", network->address, EINVAL);
	if (fd < 0 || !index || add_address(fd, index, &subnet) < 0 || set_up(fd, index) < 0)
		return fail(failure, "network", network->address, errno);
	if (network->gateway && add_default_route(fd, network->gateway) < 0)
		return fail(failure, "network", network->gateway, errno);
	return 0;
}

/* veth, its peer born inside the container: one message, and no name of the peer ever shows on this side. */
static void build_veth(struct netlink_request *request, const struct network_spec *network, pid_t pid, unsigned int master)
{
	struct ifinfomsg header = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, peer_header = { 0 };
	unsigned char mac[6];
	char name[IFNAMSIZ];
	netlink_nest info, data, peer;

	snprintf(name, sizeof name, "sp%d", pid);
	netlink_begin(request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
	netlink_put_text(request, IFLA_IFNAME, name);
	netlink_put_u32(request, IFLA_MASTER, master);
	info = netlink_nest_begin(request, IFLA_LINKINFO);
	netlink_put(request, IFLA_INFO_KIND, "veth", 4);
	data = netlink_nest_begin(request, IFLA_INFO_DATA);
	peer = netlink_nest_begin(request, VETH_INFO_PEER);
	netlink_put_raw(request, &peer_header, sizeof peer_header);
	netlink_put_text(request, IFLA_IFNAME, "eth0");
	if (parse_mac(network->mac, mac) == 0)
		netlink_put(request, IFLA_ADDRESS, mac, sizeof mac);
	netlink_put_u32(request, IFLA_NET_NS_PID, (uint32_t)pid);
	netlink_nest_end(request, peer);
	netlink_nest_end(request, data);
	netlink_nest_end(request, info);
}

int network_attach(const struct network_spec *network, pid_t pid, struct failure *failure)
{
	CLEANUP_FD int fd = netlink_open(NETLINK_ROUTE);
	unsigned int master = if_nametoindex(network->bridge);
	struct netlink_request request;

	if (fd < 0 || !master)
		return fail(failure, "network", network->bridge, errno);
	build_veth(&request, network, pid, master);
	return netlink_talk(fd, &request) < 0 ? fail(failure, "network", network->bridge, errno) : 0;
}

/* A fixed address: a bridge without one takes that of its ports, and changes it as they come and go. */
static void random_mac(unsigned char mac[6])
{
	if (getrandom(mac, 6, 0) != 6)
		abort();
	mac[0] = (unsigned char)((mac[0] & 0xfc) | 0x02);
}

static int create_bridge(int fd, const char *bridge)
{
	struct ifinfomsg header = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct netlink_request request;
	unsigned char mac[6];
	netlink_nest info;

	random_mac(mac);
	netlink_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
	netlink_put_text(&request, IFLA_IFNAME, bridge);
	netlink_put(&request, IFLA_ADDRESS, mac, sizeof mac);
	info = netlink_nest_begin(&request, IFLA_LINKINFO);
	netlink_put(&request, IFLA_INFO_KIND, "bridge", 6);
	netlink_nest_end(&request, info);
	return netlink_talk(fd, &request) < 0 && errno != EEXIST ? -1 : 0;
}

int network_make_bridge(const char *bridge, const char *address, const char *alias, struct failure *failure)
{
	CLEANUP_FD int fd = netlink_open(NETLINK_ROUTE);
	unsigned int index;
	struct subnet subnet;
	int added;

	if (strlen(bridge) >= IFNAMSIZ || parse_subnet(address, &subnet) < 0)
		return fail(failure, "network", address, EINVAL);
	if (fd < 0 || create_bridge(fd, bridge) < 0)
		return fail(failure, "network", bridge, errno);
	index = if_nametoindex(bridge);
	added = index ? add_address(fd, index, &subnet) == 0 : 0;
	if (!index || (!added && errno != EEXIST) || set_up(fd, index) < 0 || set_alias(fd, index, alias) < 0)
		return fail(failure, "network", bridge, errno);
	return added;
}

int network_remove_bridge(const char *bridge, struct failure *failure)
{
	CLEANUP_FD int fd = netlink_open(NETLINK_ROUTE);
	struct ifinfomsg header = { .ifi_index = (int)if_nametoindex(bridge) };
	struct netlink_request request;

	if (!header.ifi_index)
		return 0;
	netlink_begin(&request, RTM_DELLINK, 0, &header, sizeof header);
	if (fd < 0 || (netlink_talk(fd, &request) < 0 && errno != ENODEV))
		return fail(failure, "network", bridge, errno);
	return 0;
}
