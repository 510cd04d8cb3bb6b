#include "spec.h"

#include "core/failure.h"

#include <stdio.h>

int parse_identity(const char *text, struct process_identity *identity)
{
	int end = 0;

	if (sscanf(text, "%d %23[0-9] %39[0-9a-f-]%n", &identity->pid, identity->start_time, identity->boot_id, &end) != 3)
		return -1;
	return text[end] || identity->pid <= 0 ? -1 : 0;
}

int spec_identity(const struct wire_message *message, const char *key, struct process_identity *identity)
{
	CLEANUP_FREE char *text = wire_get(message, key);

	return text ? parse_identity(text, identity) : -1;
}
