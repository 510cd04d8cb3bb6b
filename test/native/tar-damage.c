/*
 * Reads archives with random damage; the sanitizers report what goes wrong. Every archive has pax records, a GNU
 * sparse member and a hard link, and its checksums are mended after the damage, or nothing behind them would be met.
 */
#include "core/tar_pax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_SIZE (12 * TAR_BLOCK)

struct archive {
	const uint8_t *data;
	size_t size;
	size_t at;
	size_t step;
	uint8_t *piece;
};

/* Each piece is a fresh allocation of just its size. */
static int next(void *context, const uint8_t **data, size_t *size)
{
	struct archive *archive = context;

	free(archive->piece);
	archive->piece = NULL;
	if (archive->at == archive->size)
		return 0;
	*size = archive->size - archive->at < archive->step ? archive->size - archive->at : archive->step;
	archive->piece = malloc(*size);
	memcpy(archive->piece, archive->data + archive->at, *size);
	archive->at += *size;
	*data = archive->piece;
	return 1;
}

static void put_header(uint8_t *block, const char *name, char type, unsigned int size)
{
	struct tar_header *header = (struct tar_header *)block;

	snprintf(header->name, sizeof header->name, "%s", name);
	memcpy(header->mode, "0000644", 8);
	memcpy(header->uid, "0000000", 8);
	memcpy(header->gid, "0000000", 8);
	snprintf(header->size, sizeof header->size, "%011o", size);
	memcpy(header->mtime, "00000000000", 12);
	memcpy(header->magic, "ustar", 6);
	memcpy(header->version, "00", 2);
	header->type = type;
}

static void mend(uint8_t *block)
{
	struct tar_header *header = (struct tar_header *)block;
	char text[8];

	snprintf(text, sizeof text, "%06o", tar_checksum(header) & 0777777);
	memcpy(header->checksum, text, 7);
	header->checksum[7] = ' ';
}

static const int header_blocks[] = { 0, 2, 4, 7, 8 };

static void fill(uint8_t *archive)
{
	static const char records[] = "21 mtime=-12.3456789\n13 path=x/yz\n33 LIBARCHIVE.xattr.user%2Ea=aGV\n"
				      "26 SCHILY.xattr.user.b=ab\n26 GNU.sparse.map=0,2,9,1\n26 GNU.sparse.realsize=12\n";

	memset(archive, 0, ARCHIVE_SIZE);
	put_header(archive, "pax", 'x', sizeof records - 1);
	memcpy(archive + TAR_BLOCK, records, sizeof records - 1);
	put_header(archive + 2 * TAR_BLOCK, "sparse", '0', 3);
	put_header(archive + 4 * TAR_BLOCK, "gnu", 'S', 100);
	memcpy(archive + 4 * TAR_BLOCK + 386, "00000000000\00000000000144", 24);
	archive[4 * TAR_BLOCK + 482] = 1;
	memcpy(archive + 4 * TAR_BLOCK + 483, "00000001000", 12);
	put_header(archive + 7 * TAR_BLOCK, "link", '1', 0);
	put_header(archive + 8 * TAR_BLOCK, "plain", '0', 1024);
}

static void mend_all(uint8_t *archive)
{
	for (size_t i = 0; i < sizeof header_blocks / sizeof *header_blocks; i++)
		mend(archive + (size_t)header_blocks[i] * TAR_BLOCK);
}

static void damage(uint8_t *archive)
{
	for (int count = rand() % 6; count >= 0; count--) {
		size_t at = (size_t)rand() % ARCHIVE_SIZE;
		archive[at] = rand() % 2 ? (uint8_t)rand() : (uint8_t) "0179 \n=,\0"[rand() % 9];
	}
	mend_all(archive);
}

/* Members that came out. */
static int read_all(struct archive *archive)
{
	struct tar_reader reader;
	struct failure failure = { 0 };
	const uint8_t *data;
	size_t size;
	int members = 0;

	tar_reader_start(&reader, (struct tar_source){ next, archive });
	while (tar_next(&reader, &failure) == 1) {
		volatile size_t touched = strlen(reader.entry.path) + strlen(reader.entry.link);
		members++;
		while (rand() % 4 && tar_data(&reader, &data, &size, &failure) == 1)
			touched += data[size - 1];
	}
	tar_reader_free(&reader);
	free(archive->piece);
	return members;
}

int main(void)
{
	static uint8_t bytes[ARCHIVE_SIZE];
	int archives = 20000, members = 0;

	struct archive sound = { .data = bytes, .size = ARCHIVE_SIZE, .step = 700 };

	fill(bytes);
	mend_all(bytes);
	if (read_all(&sound) != 4)
		return 1;
	srand(1);
	for (int i = 0; i < archives; i++) {
		struct archive archive = { .data = bytes, .step = 1 + (size_t)rand() % 2000 };
		fill(bytes);
		damage(bytes);
		archive.size = rand() % 4 ? ARCHIVE_SIZE : (size_t)rand() % ARCHIVE_SIZE;
		members += read_all(&archive);
	}
	printf("%d archives, %d members\n", archives, members);
	return 0;
}
