/* The tar format: ustar (POSIX.1-1988), pax records (POSIX.1-2001) and the GNU extensions that archives use. */
#ifndef SAMPAN_TAR_H
#define SAMPAN_TAR_H

#define TAR_BLOCK 512u

enum tar_type {
	TAR_FILE = '0',
	TAR_HARD_LINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHAR = '3',
	TAR_BLOCK_DEVICE = '4',
	TAR_DIRECTORY = '5',
	TAR_FIFO = '6',
};

/* One header block as it lies in the archive, no field terminated for sure. */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char owner[32];
	char group[32];
	char major[8];
	char minor[8];
	/* GNU headers hold times and the sparse map here instead. */
	char prefix[155];
	char unused[12];
};

_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is one block");

/* Sum of all bytes of a header with its checksum field as blanks. */
unsigned int tar_checksum(const struct tar_header *header);

#endif
