#include "dated.h"

#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void dated_add(struct dated *dated, const char *path, struct timespec mtime)
{
	size_t count = dated->count;

	if ((count & (count - 1)) == 0) {
		dated->list = realloc(dated->list, (count ? count * 2 : 1) * sizeof *dated->list);
		if (!dated->list)
			abort();
	}
	dated->list[count] = (struct dated_directory){ strdup(path), mtime };
	if (!dated->list[count].path)
		abort();
	dated->count++;
}

int dated_apply(const struct dated *dated, int root, struct failure *failure)
{
	for (size_t i = 0; i < dated->count; i++) {
		const struct dated_directory *directory = &dated->list[i];
		const struct timespec times[2] = { directory->mtime, directory->mtime };
		CLEANUP_FD int fd = root_open(root, directory->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

		if (fd >= 0 && futimens(fd, times) < 0)
			return fail(failure, "utimens", directory->path, errno);
	}
	return 0;
}

void dated_free(struct dated *dated)
{
	for (size_t i = 0; i < dated->count; i++)
		free(dated->list[i].path);
	free(dated->list);
	memset(dated, 0, sizeof *dated);
}
