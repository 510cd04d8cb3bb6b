#include "build_id.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

/* Name and description of a note are padded to words. */
static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static void find_in_notes(const char *at, const char *end, char *text)
{
	while (at + sizeof(ElfW(Nhdr)) <= end) {
		const ElfW(Nhdr) *note = (const void *)at;
		const char *name = at + sizeof *note;
		const unsigned char *id = (const void *)(name + padded(note->n_namesz));

		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof ELF_NOTE_GNU && memcmp(name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0)
			for (size_t i = 0; i < note->n_descsz && 2 * i + 2 < BUILD_ID_TEXT_SIZE; i++)
				snprintf(text + 2 * i, 3, "%02x", id[i]);
		at = (const char *)id + padded(note->n_descsz);
	}
}

static int visit(struct dl_phdr_info *info, size_t size, void *text)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		const char *start = (const char *)(info->dlpi_addr + header->p_vaddr);
		if (header->p_type == PT_NOTE)
			find_in_notes(start, start + header->p_memsz, text);
	}
	/* The first object is the program itself. */
	return 1;
}

void build_id_text(char text[BUILD_ID_TEXT_SIZE])
{
	text[0] = 0;
	dl_iterate_phdr(visit, text);
}
