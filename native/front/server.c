/* Finding the command server, and starting it. */
#include "front.h"

#include "core/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the launcher of a server finds what it tells that it listens. */
#define READY_FD 3

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* SAMPAN_RUN and its defaults, as server/handlers/environment.ts has them. A relative one is the working directory's. */
int socket_path(char *path, unsigned long size)
{
	const char *run = variable("SAMPAN_RUN"), *root = variable("SAMPAN_ROOT"), *runtime = variable("XDG_RUNTIME_DIR");
	int length;

	if ((run && *run != '/') || (root && *root != '/'))
		return -1;
	if (run)
		length = snprintf(path, size, "%s/commands.sock", run);
	else if (geteuid() == 0)
		length = snprintf(path, size, "/run/sampan/commands.sock");
	else if (runtime)
		length = snprintf(path, size, "%s/sampan/commands.sock", runtime);
	else
		length = snprintf(path, size, "/tmp/sampan-%u/sampan/commands.sock", geteuid());
	return length > 0 && (unsigned long)length < size ? 0 : -1;
}

/* Nobody else gets to see what is typed here, whoever made that socket. */
static int is_ours(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static int try_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && is_ours(fd))
		return fd;
	close_owned(&fd);
	return -1;
}

/* No terminal, folder or stream of ours stays with the server. */
static void become_server(const char *launcher, int ready)
{
	char *args[] = { (char *)"--serve-commands", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	if (null < 0 || chdir("/") < 0 || dup2(ready, READY_FD) < 0)
		_exit(1);
	if (ready == READY_FD)
		fcntl(READY_FD, F_SETFD, 0);
	for (int fd = 0; fd < READY_FD; fd++)
		dup2(null, fd);
	close_range(READY_FD + 1, ~0U, 0);
	run_node(launcher, args);
}

/* Wait until it listens, or has given up. */
static void start_server(const char *launcher)
{
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		/* Its child is nobody's but init's. */
		if (fork() == 0)
			become_server(launcher, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
}

int connect_server(const char *launcher, const char *path)
{
	int fd = try_connect(path);

	if (fd >= 0)
		return fd;
	start_server(launcher);
	return try_connect(path);
}
