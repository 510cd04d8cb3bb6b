/*
 * `sampan`: hands the hot verbs to the user's command server, which is running already, and runs Node for all others.
 * It knows their names and nothing else of a command line.
 */
#include "front.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a server does in the caller's place: no terminal, no files of its stdin and stdout, no secrets of its environment. */
static const char *const served[] = {
	"create", "exec", "images", "inspect", "kill", "logs",	  "pause",   "port", "ps",   "rename", "restart",
	"rm",	  "rmi",  "run",    "start",   "stop", "tag",	  "top",     "unpause", "wait",
};

static int is_served(const char *verb)
{
	for (size_t i = 0; i < sizeof served / sizeof *served; i++)
		if (strcmp(served[i], verb) == 0)
			return 1;
	return 0;
}

static int wants_server(int argc, char **argv)
{
	const char *front = getenv("SAMPAN_FRONT");

	return argc >= 2 && is_served(argv[1]) && !(front && strcmp(front, "0") == 0);
}

/* The launcher lies beside this program, wherever a link to it is. */
static int find_launcher(char *path, size_t size)
{
	static const char name[] = "launcher.js";
	ssize_t length = readlink("/proc/self/exe", path, size);
	char *slash;

	if (length < 0 || (size_t)length + sizeof name >= size)
		return -1;
	path[length] = 0;
	slash = strrchr(path, '/');
	strcpy(slash + 1, name);
	return 0;
}

_Noreturn void run_node(const char *launcher, char **args)
{
	char **all;
	size_t count = 0;

	while (args[count])
		count++;
	all = calloc(count + 3, sizeof *all);
	if (!all)
		abort();
	all[0] = (char *)"node";
	all[1] = (char *)launcher;
	memcpy(all + 2, args, count * sizeof *args);
	execvp("node", all);
	fprintf(stderr, "sampan: The program `node` cannot be run: %s.\nInstall Node.js 20 or newer and put it on PATH.\n",
		strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char **argv)
{
	char launcher[PATH_MAX], path[108];
	int server = -1;

	if (find_launcher(launcher, sizeof launcher) < 0) {
		fprintf(stderr, "sampan: /proc/self/exe cannot be read: %s.\n", strerror(errno));
		return 126;
	}
	if (wants_server(argc, argv) && socket_path(path, sizeof path) == 0)
		server = connect_server(launcher, path);
	if (server >= 0 && send_command(server, launcher, argv + 1) == 0)
		relay(server);
	run_node(launcher, argv + 1);
}
