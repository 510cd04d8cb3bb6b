/*
 * The roles of a session's process. Each is entered in a child of the holder of its own, with the connection
 * and the first request, which nobody has answered yet: the role answers it (an `fs` session with an empty
 * result, the others with what was asked for). The value returned is the exit code of the process.
 *
 * The process is in the holder's user, mount and network namespace as id 0 and shares no memory with others.
 */
#ifndef SAMPAN_ROLES_H
#define SAMPAN_ROLES_H

#include "core/wire.h"

int fs_main(int fd, const struct wire_message *first);
int info_main(int fd, const struct wire_message *first);
int signal_main(int fd, const struct wire_message *first);
int seccomp_main(int fd, const struct wire_message *first);
int net_main(int fd, const struct wire_message *first);
int monitor_main(int fd, const struct wire_message *first);
int exec_main(int fd, const struct wire_message *first);

#endif
