/* The way out of the holder's network namespace. */
#ifndef SAMPAN_EGRESS_H
#define SAMPAN_EGRESS_H

/* `direct` as root; rootless the program that will be used, `pasta` or `slirp4netns`; `none` when neither is installed. */
const char *egress_kind(void);

#endif
