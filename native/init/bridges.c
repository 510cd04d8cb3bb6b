#include "bridges.h"

#include "firewall.h"
#include "holder.h"
#include "network.h"

#include "core/failure.h"
#include "core/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Before the runtime folder in the alias of a bridge. */
static const char mark[] = "sampan ";

int bridges_lock(void)
{
	int folder = holder.rootless ? -1 : open(holder.run, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	while (folder >= 0 && flock(folder, LOCK_EX) < 0 && errno == EINTR)
		;
	return folder;
}

void bridges_alias(char *alias, size_t size)
{
	snprintf(alias, size, "%s%s", mark, holder.run);
}

/* sysfs lists the ports of a bridge; what has no list is none, or gone. */
static int has_ports(const char *bridge)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int found = 0;
	DIR *ports;

	snprintf(path, sizeof path, "/sys/class/net/%s/brif", bridge);
	ports = opendir(path);
	if (!ports)
		return 1;
	while ((entry = readdir(ports)) != NULL)
		found |= entry->d_name[0] != '.';
	closedir(ports);
	return found;
}

/* Ours, or of a runtime folder whose holder was killed: nobody else would take it away. */
static int is_abandoned(const char *bridge)
{
	char path[PATH_MAX], alias[BRIDGE_ALIAS_SIZE];
	const char *run = alias + sizeof mark - 1;

	snprintf(path, sizeof path, "/sys/class/net/%s/ifalias", bridge);
	if (read_small_file(AT_FDCWD, path, alias, sizeof alias) <= 0 || strncmp(alias, mark, sizeof mark - 1) != 0)
		return 0;
	alias[strcspn(alias, "\n")] = 0;
	return strcmp(run, holder.run) == 0 || !holder_answers(run);
}

void bridges_remove_unused(void)
{
	struct failure failure = { 0 };
	struct dirent *entry;
	CLEANUP_FD int lock = -1;
	DIR *interfaces;

	if (holder.rootless)
		return;
	lock = bridges_lock();
	interfaces = opendir("/sys/class/net");
	if (!interfaces)
		return;
	while ((entry = readdir(interfaces)) != NULL) {
		if (entry->d_name[0] == '.' || !is_abandoned(entry->d_name) || has_ports(entry->d_name))
			continue;
		firewall_remove(entry->d_name);
		network_remove_bridge(entry->d_name, &failure);
	}
	closedir(interfaces);
}
