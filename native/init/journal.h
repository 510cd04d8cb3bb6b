/* The journal of events (server/engine/journal): what monitors see of their container, one line an event. */
#ifndef SAMPAN_JOURNAL_H
#define SAMPAN_JOURNAL_H

struct journal {
	/* The journal's folder; NULL: nobody is told. */
	const char *folder;
	const char *id;
	/* Members of a JSON object that tell whose event it is: image, name, labels. */
	const char *actor;
	/* The container's folder: a file `actor` in it, written by a rename, counts instead. */
	const char *directory;
};

/*
 * Append one event; `attributes` are further members of the JSON object, or "". An event that cannot be written is lost:
 * nothing is decided with it.
 */
void journal_append(const struct journal *journal, const char *action, const char *attributes);

#endif
