#include "bridges.h"

#include "firewall.h"
#include "holder.h"
#include "network.h"

#include "core/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_notes(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/bridges", holder.run);
	mkdir(path, 0700);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int bridges_lock(void)
{
	int notes = holder.rootless ? -1 : open_notes();

	while (notes >= 0 && flock(notes, LOCK_EX) < 0 && errno == EINTR)
		;
	return notes;
}

void bridges_remember(const char *bridge)
{
	CLEANUP_FD int notes = -1;
	CLEANUP_FD int note = -1;

	if (holder.rootless || strchr(bridge, '/'))
		return;
	notes = open_notes();
	note = notes < 0 ? -1 : openat(notes, bridge, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* sysfs lists the ports of a bridge; without the list the bridge is gone already. */
static int has_ports(const char *bridge)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int found = 0;
	DIR *ports;

	snprintf(path, sizeof path, "/sys/class/net/%s/brif", bridge);
	ports = opendir(path);
	if (!ports)
		return 0;
	while ((entry = readdir(ports)) != NULL)
		found |= entry->d_name[0] != '.';
	closedir(ports);
	return found;
}

void bridges_remove_unused(void)
{
	struct failure failure = { 0 };
	struct dirent *entry;
	int notes = bridges_lock();
	DIR *folder = notes < 0 ? NULL : fdopendir(notes);

	if (!folder)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || has_ports(entry->d_name))
			continue;
		firewall_remove(entry->d_name);
		if (network_remove_bridge(entry->d_name, &failure) == 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
}
