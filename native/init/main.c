#include "dismiss.h"
#include "holder.h"
#include "pid1.h"
#include "roles.h"
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "usage: sampan-init holder --run DIR --root DIR [--idle SECONDS] [--ready-fd N]\n"
			    "       sampan-init dismiss DIR  (asks the holder of a runtime folder to leave)\n"
			    "       sampan-init fs           (serves one session on descriptor 3)\n";

static int parse_holder(int argc, char **argv)
{
	for (int i = 2; i + 1 < argc; i += 2) {
		/* Copies: the argument strings are overwritten by process_title. */
		char *value = strdup(argv[i + 1]);
		if (!value)
			return -1;
		if (strcmp(argv[i], "--run") == 0)
			holder.run = value;
		else if (strcmp(argv[i], "--root") == 0)
			holder.root = value;
		else if (strcmp(argv[i], "--idle") == 0)
			holder.idle_seconds = atoi(value);
		else if (strcmp(argv[i], "--ready-fd") == 0)
			holder.ready = atoi(value);
		else
			return -1;
	}
	if (argc % 2 || !holder.run || !holder.root || holder.run[0] != '/' || holder.root[0] != '/')
		return -1;
	return 0;
}

static int serve_fs(void)
{
	struct wire_message first;

	if (wire_read(3, &first) != 1)
		return 1;
	return fs_main(3, &first);
}

int main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "fs") == 0)
		return serve_fs();
	if (argc == 3 && strcmp(argv[1], "dismiss") == 0)
		return dismiss(argv[2]);
	if (argc >= 4 && strcmp(argv[1], "init") == 0)
		return pid1_main(argv[2], argv + 3);
	if (argc < 2 || strcmp(argv[1], "holder") != 0 || parse_holder(argc, argv) < 0) {
		fputs(usage, stderr);
		return 2;
	}
	if (run_sealed(argv) < 0) {
		if (holder.ready >= 0)
			wire_write_error(holder.ready, "seal", "/proc/self/exe", errno);
		return 1;
	}
	process_title_init(argc, argv);
	return holder_start();
}
