/* Programs of the host that the helper calls: a static program has no PATH that it may trust. */
#ifndef SAMPAN_PROGRAM_H
#define SAMPAN_PROGRAM_H

#include <stddef.h>

/* The path of an executable in the usual folders, written to `path`; NULL when there is none. */
const char *find_program(const char *name, char *path, size_t size);

#endif
