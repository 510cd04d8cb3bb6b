#include "holder.h"

#include <string.h>
#include <sys/prctl.h>

static char *area;
static size_t area_size;

void process_title_init(int argc, char **argv)
{
	/* The kernel lays the argument strings out one after the other. */
	area = argv[0];
	area_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - area);
}

void process_title(const char *title)
{
	size_t size = strlen(title);

	prctl(PR_SET_NAME, title);
	if (!area)
		return;
	if (size > area_size)
		size = area_size;
	memcpy(area, title, size);
	memset(area + size, 0, area_size - size + 1);
}
