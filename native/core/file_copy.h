/* Copying the content of one open file to another. */
#ifndef SAMPAN_FILE_COPY_H
#define SAMPAN_FILE_COPY_H

#include <sys/stat.h>

/*
 * All of `from` into the empty file `to`: shared blocks where the file system can (FICLONE), holes kept, else
 * in the kernel (copy_file_range), else by read and write. `info` is that of `from`. 0 or -1 with errno.
 */
int file_copy(int from, int to, const struct stat *info);

#endif
