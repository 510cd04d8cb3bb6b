/* What failed, on what, why: the shape in which every step of the helper reports. */
#ifndef SAMPAN_FAILURE_H
#define SAMPAN_FAILURE_H

struct failure {
	char step[32];
	char path[480];
	int error;
	/* A sentence that says more than the errno; empty: strerror(3) says it. */
	char reason[160];
};

/* Fill `failure` (path may be NULL) and return -1, so that a step can end with `return fail(...)`. */
int fail(struct failure *failure, const char *step, const char *path, int error);
/* As fail, with a reason of its own. */
int fail_because(struct failure *failure, const char *step, const char *path, int error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Scope-bound cleanup: `CLEANUP_FD int fd = ...` closes on every way out, `CLEANUP_FREE` frees. */
void close_owned(int *fd);
void free_owned(void *pointer);
#define CLEANUP_FD __attribute__((cleanup(close_owned)))
#define CLEANUP_FREE __attribute__((cleanup(free_owned)))

#endif
