#ifndef SAMPAN_SEAL_H
#define SAMPAN_SEAL_H

/*
 * Run this program from a sealed copy in memory. A container reaches the program that starts it through
 * /proc/<pid>/exe (CVE-2019-5736), and rootless its id 0 even owns the file: a sealed memfd can be written by nobody.
 * Returns only when the process already runs sealed (0) or when the copy could not be made (-1, errno).
 */
int run_sealed(char **argv);

#endif
