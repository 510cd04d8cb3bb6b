/* Owners that this user namespace can express. */
#ifndef SAMPAN_OWNERS_H
#define SAMPAN_OWNERS_H

#include "failure.h"

#include <stdint.h>
#include <sys/types.h>

/* Number of user ids that exist here; 1: everything belongs to id 0, whatever an archive says. */
uint64_t owner_count(void);

/* An owner as it can be set here: id 0 where there is only one. */
void owner_adapt(uint32_t *uid, uint32_t *gid);

/* fchownat(2) without following; says which id is not mapped. 0 or -1 with step "chown". */
int owner_set(int directory, const char *name, uint32_t uid, uint32_t gid, const char *path, struct failure *failure);

#endif
