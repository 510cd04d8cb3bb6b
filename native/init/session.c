#include "session.h"

#include "holder.h"
#include "roles.h"

#include "core/failure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct role {
	const char *name;
	/* Talks to the process outside. The others must not hold that socket: it tells when the holder is gone. */
	int needs_outside;
	int (*run)(int fd, const struct wire_message *first);
};

static const struct role roles[] = {
	{ "fs", 0, fs_main },
	{ "info", 0, info_main },
	{ "signal", 0, signal_main },
	{ "monitor", 1, monitor_main },
	{ "exec", 0, exec_main },
	{ "seccomp", 0, seccomp_main },
	{ "net", 1, net_main },
};

void session_forget_outside(void)
{
	close_owned(&holder.outside);
	holder.outside = -1;
}

int session_main(int fd)
{
	struct wire_message first;
	char title[32];
	char *name;

	if (wire_read(fd, &first) != 1)
		return 1;
	name = first.type == WIRE_REQUEST ? wire_get(&first, "role") : NULL;
	for (size_t i = 0; name && i < sizeof roles / sizeof *roles; i++) {
		if (strcmp(roles[i].name, name) != 0)
			continue;
		free(name);
		if (!roles[i].needs_outside)
			session_forget_outside();
		snprintf(title, sizeof title, "sampan-%s", roles[i].name);
		process_title(title);
		return roles[i].run(fd, &first);
	}
	wire_write_error(fd, "session", name ? name : "role", EPROTO);
	return 1;
}
