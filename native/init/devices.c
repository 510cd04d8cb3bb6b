#include "rootfs.h"

#include "core/mounts.h"
#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

static const char *const links[][2] = {
	{ "fd", "/proc/self/fd" },	   { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" }, { "core", "/proc/kcore" },	   { "ptmx", "pts/ptmx" },
};

/* Binds of the host's nodes in both lanes: the tmpfs itself stays nodev, so a node made by the container is dead. */
static int bind_node(int directory, const char *name, struct failure *failure)
{
	char path[32];
	CLEANUP_FD int mount = -1;
	CLEANUP_FD int target = -1;

	snprintf(path, sizeof path, "/dev/%s", name);
	mount = clone_tree(AT_FDCWD, path);
	target = openat(directory, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (mount < 0 || target < 0 || attach_at(mount, target) < 0)
		return fail(failure, "devices", path, errno);
	return 0;
}

/* A fresh file system on a new folder of /dev. */
static int mount_below(int directory, const char *name, int mount, struct failure *failure)
{
	CLEANUP_FD int owned = mount;
	CLEANUP_FD int target = -1;

	if (owned < 0 || mkdirat(directory, name, 0755) < 0)
		return fail(failure, "devices", name, errno);
	target = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || attach_at(owned, target) < 0)
		return fail(failure, "devices", name, errno);
	return 0;
}

static int new_devpts(void)
{
	/* gid 5 is tty in every distribution; where only one id is mapped the option is refused. */
	static const char *const with_group[] = { "newinstance", NULL, "ptmxmode", "0666", "mode", "0620", "gid", "5", NULL };
	static const char *const without[] = { "newinstance", NULL, "ptmxmode", "0666", "mode", "0620", NULL };
	int mount = new_filesystem("devpts", with_group, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);

	if (mount < 0 && errno == EINVAL)
		mount = new_filesystem("devpts", without, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return mount;
}

static int mount_shared_memory(int directory, const struct monitor_spec *spec, struct failure *failure)
{
	const unsigned int attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	char size[24];
	const char *options[] = { "mode", "1777", "size", size, NULL };
	int queues;

	snprintf(size, sizeof size, "%lld", spec->shm_size > 0 ? spec->shm_size : 64LL << 20);
	if (mount_below(directory, "shm",
			spec->ipc.kind == NAMESPACE_HOST ? clone_tree(AT_FDCWD, "/dev/shm") :
							   new_filesystem("tmpfs", options, attributes),
			failure) < 0)
		return -1;
	queues = new_filesystem("mqueue", NULL, attributes);
	/* Only the owner of an ipc namespace may mount its queues; programs do without the view. */
	if (queues < 0 && errno == EPERM)
		return 0;
	return mount_below(directory, "mqueue", queues, failure);
}

int devices_mount(int root, const struct monitor_spec *spec, struct failure *failure)
{
	static const char *const options[] = { "mode", "755", "size", "65536k", NULL };
	CLEANUP_FD int directory = -1;

	if (attach_inside(root, new_filesystem("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC),
			  "dev", failure) < 0)
		return -1;
	directory = root_open(root, "dev", O_RDONLY | O_DIRECTORY, 0);
	if (directory < 0)
		return fail(failure, "devices", "/dev", errno);
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (bind_node(directory, nodes[i], failure) < 0)
			return -1;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlinkat(links[i][1], directory, links[i][0]) < 0)
			return fail(failure, "devices", links[i][0], errno);
	if (mount_below(directory, "pts", new_devpts(), failure) < 0)
		return -1;
	return mount_shared_memory(directory, spec, failure);
}

/* A real multiplexer of a devpts, whatever a container put in its place. */
static int open_multiplexer(int root)
{
	struct statfs info;
	int fd = root_open(root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0);

	if (fd >= 0 && (fstatfs(fd, &info) < 0 || info.f_type != DEVPTS_SUPER_MAGIC)) {
		close(fd);
		errno = ENODEV;
		return -1;
	}
	return fd;
}

int terminal_open(int root, const struct process_spec *process, int *slave, struct failure *failure)
{
	struct winsize size = { .ws_row = process->rows, .ws_col = process->columns };
	int unlock = 0;
	int master = open_multiplexer(root);

	if (master < 0)
		return fail(failure, "terminal", "/dev/pts/ptmx", errno);
	*slave = -1;
	/* The slave is found through the master itself, never by a name that could be a link (CVE-2025-52565). */
	if (ioctl(master, TIOCSPTLCK, &unlock) == 0)
		*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0 || fchown(*slave, process->uid, (gid_t)-1) < 0 ||
	    (size.ws_row && size.ws_col && ioctl(master, TIOCSWINSZ, &size) < 0)) {
		fail(failure, "terminal", "/dev/pts", errno);
		close(master);
		return -1;
	}
	return master;
}

/* The place of the console: made here, or left by a mount on /dev. Never opened, whatever lies there; never a link. */
static int console_place(int root)
{
	struct stat info;
	int fd = root_open(root, "/dev/console", O_RDONLY | O_CREAT | O_EXCL, 0600);

	if (fd >= 0 || errno != EEXIST)
		return fd;
	fd = root_open(root, "/dev/console", O_PATH | O_NOFOLLOW, 0);
	if (fd >= 0 && (fstat(fd, &info) < 0 || S_ISLNK(info.st_mode))) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	return fd;
}

int terminal_bind_console(int root, int slave, struct failure *failure)
{
	CLEANUP_FD int console = console_place(root);
	CLEANUP_FD int copy = console < 0 ? -1 : clone_tree(slave, "");

	if (copy < 0 || attach_at(copy, console) < 0)
		return fail(failure, "terminal", "/dev/console", errno);
	return 0;
}
