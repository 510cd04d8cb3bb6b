#include "session.h"

#include "holder.h"
#include "roles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct role {
	const char *name;
	int (*run)(int fd, const struct wire_message *first);
};

static const struct role roles[] = {
	{ "fs", fs_main },
	{ "info", info_main },
	{ "signal", signal_main },
};

int session_main(int fd)
{
	struct wire_message first;
	char title[32];
	char *name;

	if (wire_read(fd, &first) != 1)
		return 1;
	name = first.type == WIRE_REQUEST ? wire_get(&first, "role") : NULL;
	for (size_t i = 0; name && i < sizeof roles / sizeof *roles; i++) {
		if (!roles[i].run || strcmp(roles[i].name, name) != 0)
			continue;
		free(name);
		snprintf(title, sizeof title, "sampan-%s", roles[i].name);
		process_title(title);
		return roles[i].run(fd, &first);
	}
	wire_write_error(fd, "session", name ? name : "role", EPROTO);
	return 1;
}
