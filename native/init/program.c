#include "program.h"

#include <stdio.h>
#include <unistd.h>

const char *find_program(const char *name, char *path, size_t size)
{
	static const char *const directories[] = { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin",
						   "/bin",     "/sbin",	    "/run/wrappers/bin" };

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
		snprintf(path, size, "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}
