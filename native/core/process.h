/* Identity of processes: a pid number alone may belong to another process a moment later. */
#ifndef SAMPAN_PROCESS_H
#define SAMPAN_PROCESS_H

#include <sys/types.h>

struct process_identity {
	pid_t pid;
	char start_time[24];
	char boot_id[40];
};

/* Field 22 of /proc/<pid>/stat (proc(5)) as text; 0 or -1 with errno (ESRCH when gone). */
int process_start_time(pid_t pid, char *text, size_t size);
/* /proc/sys/kernel/random/boot_id without its newline. */
int boot_id(char *text, size_t size);
int process_identify(pid_t pid, struct process_identity *identity);
/* A pidfd of the process if it is still the one named; -1 with ESRCH otherwise. */
int process_open(const struct process_identity *identity);
/* Read a small file whole; length or -1. The text is NUL-terminated. */
ssize_t read_small_file(int directory, const char *path, char *text, size_t size);

#endif
