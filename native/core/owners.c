#include "owners.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static uint64_t count_ids(const char *map_path)
{
	FILE *map = fopen(map_path, "re");
	unsigned int inside, outside, count;
	uint64_t total = 0;

	/* Without /proc nothing is known of a map: leave it to chown(2). */
	if (!map)
		return UINT32_MAX;
	while (fscanf(map, "%u %u %u", &inside, &outside, &count) == 3)
		total += count;
	fclose(map);
	return total;
}

uint64_t owner_count(void)
{
	static uint64_t count;

	if (count == 0)
		count = count_ids("/proc/self/uid_map");
	return count;
}

void owner_adapt(uint32_t *uid, uint32_t *gid)
{
	if (owner_count() > 1)
		return;
	*uid = 0;
	*gid = 0;
}

int owner_set(int directory, const char *name, uint32_t uid, uint32_t gid, const char *path, struct failure *failure)
{
	if (fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH)) == 0)
		return 0;
	if (errno != EINVAL)
		return fail(failure, "chown", path, errno);
	return fail_because(failure, "chown", path, EINVAL,
			    "owner %" PRIu32 ":%" PRIu32 " is not mapped: this user has ids 0 to %" PRIu64, uid, gid,
			    owner_count() - 1);
}
