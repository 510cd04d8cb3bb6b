/* Which build of the helper this is. */
#ifndef SAMPAN_BUILD_ID_H
#define SAMPAN_BUILD_ID_H

#define BUILD_ID_TEXT_SIZE 129

/* The linker's build id (NT_GNU_BUILD_ID, elf(5)) in hex; empty when it was linked without one. */
void build_id_text(char text[BUILD_ID_TEXT_SIZE]);

#endif
