#include "egress.h"

#include "holder.h"
#include "program.h"

#include <limits.h>

const char *egress_kind(void)
{
	char path[PATH_MAX];

	if (!holder.rootless)
		return "direct";
	if (find_program("pasta", path, sizeof path))
		return "pasta";
	return find_program("slirp4netns", path, sizeof path) ? "slirp4netns" : "none";
}
