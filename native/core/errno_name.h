/* Names of errors. */
#ifndef SAMPAN_ERRNO_NAME_H
#define SAMPAN_ERRNO_NAME_H

#ifdef __cplusplus
extern "C" {
#endif

/* `ENOENT` for 2 and so on, errno(3); "EUNKNOWN" for a number without a name. Never NULL. */
const char *errno_name(int error);

#ifdef __cplusplus
}
#endif

#endif
