/* Role `signal`: send a signal to a process whose identity is checked. */
#include "roles.h"
#include "spec.h"

#include "core/failure.h"

#include <errno.h>
#include <sys/pidfd.h>
#include <unistd.h>

int signal_main(int fd, const struct wire_message *first)
{
	struct process_identity target;
	CLEANUP_FD int pidfd = -1;

	if (spec_identity(first, "target", &target) < 0) {
		wire_write_error(fd, "signal", "target", EINVAL);
		return 1;
	}
	pidfd = process_open(&target);
	if (pidfd < 0 || pidfd_send_signal(pidfd, (int)wire_get_number(first, "signal", 0), NULL, 0) < 0) {
		wire_write_error(fd, "signal", NULL, errno);
		return 1;
	}
	wire_write(fd, WIRE_RESULT, NULL, 0);
	return 0;
}
