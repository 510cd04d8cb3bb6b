#include "seal.h"

#include "core/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

static int copy_all(int from, int to)
{
	struct stat info;
	off_t at = 0;

	if (fstat(from, &info) < 0)
		return -1;
	while (at < info.st_size) {
		ssize_t sent = sendfile(to, from, &at, (size_t)(info.st_size - at));
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -1;
	}
	return 0;
}

/* EINVAL, -1, means a file that knows no seals at all: one on a disk. */
static int is_sealed(int fd)
{
	int found = fcntl(fd, F_GET_SEALS);

	return found >= 0 && (found & seals) == seals;
}

int run_sealed(char **argv)
{
	CLEANUP_FD int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CLEANUP_FD int copy = -1;

	if (self < 0)
		return -1;
	if (is_sealed(self))
		return 0;
	copy = memfd_create("sampan-init", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	/* MFD_EXEC is new in 6.3; before, executable is the only kind. */
	if (copy < 0 && errno == EINVAL)
		copy = memfd_create("sampan-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (copy < 0 || copy_all(self, copy) < 0 || fchmod(copy, 0555) < 0 || fcntl(copy, F_ADD_SEALS, seals) < 0)
		return -1;
	fexecve(copy, argv, environ);
	return -1;
}
