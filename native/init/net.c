/* Role `net`: make and remove the networks that containers are attached to. */
#include "bridges.h"
#include "egress.h"
#include "firewall.h"
#include "net.h"
#include "network.h"
#include "outside.h"
#include "roles.h"

#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Names go into rules and into a script: letters, digits and what interfaces commonly have. */
static int valid(const char *text)
{
	return text && *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:")] == 0;
}

static void allow_forwarding(void)
{
	static const char path[] = "/proc/sys/net/ipv4/ip_forward";
	char value[4] = "";
	CLEANUP_FD int fd = -1;

	if (read_small_file(AT_FDCWD, path, value, sizeof value) > 0 && value[0] == '1')
		return;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return;
}

static const char *missing_egress(void)
{
	if (!egress_has_device())
		return "egress-device";
	return strcmp(egress_kind(), "none") == 0 ? "egress-missing" : "egress-failed";
}

static void warn(struct net_state *state, const char *word)
{
	if (word && state->warning_count < NET_WARNINGS_MAX)
		state->warnings[state->warning_count++] = word;
}

static int ensure_locked(const struct net_range *range, struct net_state *state, struct failure *failure)
{
	char alias[BRIDGE_ALIAS_SIZE];
	int renew;

	bridges_alias(alias, sizeof alias);
	renew = network_make_bridge(range->bridge, range->gateway, alias, failure);
	if (renew < 0)
		return -1;
	allow_forwarding();
	warn(state, firewall_ensure(range->bridge, range->subnet, renew));
	return 0;
}

int net_ensure(const struct net_range *range, struct net_state *state, struct failure *failure)
{
	int lock, result;

	if (!valid(range->bridge) || !valid(range->gateway) || !valid(range->subnet))
		return fail(failure, "network", "bridge, gateway and subnet", EINVAL);
	lock = bridges_lock();
	result = ensure_locked(range, state, failure);
	close_owned(&lock);
	if (result < 0)
		return -1;
	state->egress = "direct";
	if (!outside_is_there())
		return 0;
	state->egress = outside_egress();
	if (strcmp(state->egress, "none") == 0)
		warn(state, missing_egress());
	return 0;
}

static int ensure(int fd, const struct wire_message *first, struct failure *failure)
{
	CLEANUP_FREE char *bridge = wire_get(first, "bridge");
	CLEANUP_FREE char *gateway = wire_get(first, "gateway");
	CLEANUP_FREE char *subnet = wire_get(first, "subnet");
	const struct net_range range = { bridge, gateway, subnet };
	struct wire_fields answer = { 0 };
	struct net_state state = { 0 };

	if (net_ensure(&range, &state, failure) < 0)
		return -1;
	for (int i = 0; i < state.warning_count; i++)
		wire_add(&answer, "warning", state.warnings[i]);
	wire_add(&answer, "egress", state.egress);
	wire_write_fields(fd, WIRE_RESULT, &answer);
	wire_fields_free(&answer);
	return 0;
}

static int drop(int fd, const struct wire_message *first, struct failure *failure)
{
	CLEANUP_FREE char *bridge = wire_get(first, "bridge");
	CLEANUP_FD int lock = bridges_lock();

	if (!valid(bridge))
		return fail(failure, "network", "bridge", EINVAL);
	firewall_remove(bridge);
	if (network_remove_bridge(bridge, failure) < 0)
		return -1;
	wire_write(fd, WIRE_RESULT, NULL, 0);
	return 0;
}

int net_main(int fd, const struct wire_message *first)
{
	CLEANUP_FREE char *action = wire_get(first, "action");
	struct failure failure = { 0 };
	int result;

	if (action && strcmp(action, "ensure") == 0)
		result = ensure(fd, first, &failure);
	else if (action && strcmp(action, "remove") == 0)
		result = drop(fd, first, &failure);
	else
		result = fail(&failure, "network", "action", EINVAL);
	if (result < 0)
		wire_write_error(fd, failure.step, failure.path, failure.error);
	return result < 0;
}
