/* Role `info`: the facts that decide what this host can do. Sentences about them are made by the server. */
#include "egress.h"
#include "holder.h"
#include "idmap.h"
#include "roles.h"

#include "core/errno_name.h"
#include "core/failure.h"
#include "core/overlay.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Make a writable overlay in the store's own file system, where snapshots will live; nothing else tells. */
static int overlay_works(struct failure *failure)
{
	static const char *const directories[] = { "lower", "upper", "work", "work/work" };
	static const char *const lowers[] = { "lower" };
	static const struct overlay overlay = { .lowers = lowers, .lower_count = 1, .upper = "upper", .work = "work" };
	char base[PATH_MAX];
	int mount;

	snprintf(base, sizeof base, "%s/probe-XXXXXX", holder.root);
	if (!mkdtemp(base) || chdir(base) < 0)
		return fail(failure, "overlay", holder.root, errno), 0;
	for (int i = 0; i < 3; i++)
		mkdir(directories[i], 0700);
	mount = overlay_mount(&overlay, 0, failure);
	if (mount >= 0)
		close(mount);
	for (int i = 3; i >= 0; i--)
		rmdir(directories[i]);
	if (chdir("/") == 0)
		rmdir(base);
	return mount >= 0;
}

int info_main(int fd, const struct wire_message *first)
{
	struct wire_fields answer = { 0 };
	struct failure failure = { 0 };
	long long count = idmap_count();
	int works = overlay_works(&failure);

	(void)first;
	wire_add_number(&answer, "rootless", holder.rootless);
	wire_add_number(&answer, "idCount", count);
	wire_add_number(&answer, "overlay", works);
	if (!works)
		wire_add(&answer, "overlayErrno", errno_name(failure.error));
	wire_add(&answer, "egress", egress_kind());
	wire_write_fields(fd, WIRE_RESULT, &answer);
	wire_fields_free(&answer);
	return 0;
}
