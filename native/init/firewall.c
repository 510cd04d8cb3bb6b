#include "firewall.h"

#include "program.h"

#include "core/failure.h"
#include "core/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void table_name(const char *bridge, char *name, size_t size)
{
	snprintf(name, size, "sampan_%s", bridge);
	for (char *at = name; *at; at++)
		if (*at == '-' || *at == '.')
			*at = '_';
}

/* One question to the kernel instead of a process: networks are ensured at every start of a container. */
static int table_exists(const char *name)
{
	struct nfgenmsg header = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct netlink_request request;
	CLEANUP_FD int fd = netlink_open(NETLINK_NETFILTER);

	netlink_begin(&request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, &header, sizeof header);
	netlink_put_text(&request, NFTA_TABLE_NAME, name);
	return fd >= 0 && netlink_talk(fd, &request) == 0;
}

/* `nft -f -` with a script. 0 when it was accepted. */
static int run_nft(const char *program, const char *script)
{
	char *argv[] = { (char *)program, (char *)"-f", (char *)"-", NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], status = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
	errno = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	if (errno || write(ends[1], script, strlen(script)) < 0) {
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

const char *firewall_ensure(const char *bridge, const char *subnet, int renew)
{
	/* Declared, deleted, declared: replaces the table in one transaction whether or not it is there. */
	static const char format[] =
		"table inet %1$s {}\ndelete table inet %1$s\n"
		"table inet %1$s {\n"
		"  chain postrouting {\n"
		"    type nat hook postrouting priority srcnat; policy accept;\n"
		"    ip saddr %3$s oifname != \"%2$s\" masquerade\n"
		"  }\n"
		"  chain forward {\n"
		"    type filter hook forward priority filter; policy accept;\n"
		"    iifname != \"%2$s\" oifname \"%2$s\" ct state established,related accept\n"
		"    iifname != \"%2$s\" oifname \"%2$s\" drop\n"
		"  }\n"
		"}\n";
	char program[PATH_MAX], name[64], script[2048];

	table_name(bridge, name, sizeof name);
	if (!renew && table_exists(name))
		return NULL;
	if (!find_program("nft", program, sizeof program))
		return "nft-missing";
	snprintf(script, sizeof script, format, name, bridge, subnet);
	return run_nft(program, script) == 0 ? NULL : "nft-failed";
}

void firewall_remove(const char *bridge)
{
	char program[PATH_MAX], name[64], script[128];

	table_name(bridge, name, sizeof name);
	if (!table_exists(name) || !find_program("nft", program, sizeof program))
		return;
	snprintf(script, sizeof script, "delete table inet %s\n", name);
	/* Another transaction of anybody at the same moment makes one fail. */
	for (int tries = 0; tries < 3 && run_nft(program, script) < 0; tries++)
		;
}
