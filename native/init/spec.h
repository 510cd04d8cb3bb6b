/* Requests of the server as C values. Every pointer lives as long as the process: a spec is parsed once. */
#ifndef SAMPAN_SPEC_H
#define SAMPAN_SPEC_H

#include "core/process.h"
#include "core/wire.h"

/* The value of `key`, `pid startTime bootId` separated by blanks. 0, or -1 when absent or malformed. */
int spec_identity(const struct wire_message *message, const char *key, struct process_identity *identity);
int parse_identity(const char *text, struct process_identity *identity);

#endif
