/* A session of file work: one process, one connection, one request at a time. */
#ifndef SAMPAN_FS_H
#define SAMPAN_FS_H

#include "core/failure.h"
#include "core/tar_read.h"
#include "core/tar_write.h"
#include "core/wire.h"

#include <stdint.h>
#include <sys/stat.h>

/* A rootfs that this session mounted; never attached to a tree, so it goes with its descriptor. */
struct fs_mount {
	int id;
	int fd;
};

struct fs_session {
	int fd;
	struct fs_mount *mounts;
	size_t mount_count;
	int last_mount;
};

/* One operation: `keys` are the fields that it takes, each between blanks. */
struct fs_op {
	const char *name;
	const char *keys;
	/* 0: `result` is sent; -1: `failure` is. Data and streamed answers go to session->fd before. */
	int (*run)(struct fs_session *session, const struct wire_message *request, struct wire_fields *result,
		   struct failure *failure);
};

#define FS_OP(name) \
	int name(struct fs_session *session, const struct wire_message *request, struct wire_fields *result, \
		 struct failure *failure)

FS_OP(fs_apply_layer);
FS_OP(fs_diff_layer);
FS_OP(fs_fill_directory);
FS_OP(fs_extract);
FS_OP(fs_export);
FS_OP(fs_archive);
FS_OP(fs_mount);
FS_OP(fs_open_directory);
FS_OP(fs_open_process);
FS_OP(fs_unmount);
FS_OP(fs_make_directory);
FS_OP(fs_remove_tree);
FS_OP(fs_remove_all);
FS_OP(fs_copy_tree);
FS_OP(fs_copy_out);
FS_OP(fs_measure);
FS_OP(fs_changes);
FS_OP(fs_sync);
FS_OP(fs_read_file);
FS_OP(fs_stat);
FS_OP(fs_walk);
FS_OP(fs_make_directories);
FS_OP(fs_copy);
FS_OP(fs_write_file);
FS_OP(fs_remove);
FS_OP(fs_rename);
FS_OP(fs_watch);

/* The descriptor of the mounted rootfs that the request's field names; -1 and failure. */
int fs_mounted(const struct fs_session *session, const struct wire_message *request, const char *key,
	       struct failure *failure);
/*
 * A detached mount of the layers that the request's `lower`, `upper` and `work` name, the last two only
 * `with_upper`. The caller closes it; -1 and failure.
 */
int fs_open_layers(const struct wire_message *request, int with_upper, struct failure *failure);
/*
 * Open a path of a rootfs when a regular file is there; `flags` O_RDONLY or O_WRONLY. -1 with errno: EINVAL for
 * anything else, which is never opened: a fifo would block, a device do something.
 */
int fs_open_regular(int root, const char *path, int flags, struct stat *info);
/*
 * The directories that the values of `key` name, topmost first, as one that overlayfs merges; a single one as it is.
 * The caller closes it; -1 and failure.
 */
int fs_open_merged(const struct wire_message *request, const char *key, struct failure *failure);
/* Close all mounts of a session. */
void fs_drop_mounts(struct fs_session *session);
/* The value of a field that must be there; NULL and failure. */
char *fs_text(const struct wire_message *request, const char *key, struct failure *failure);

/* The data that follows a request, as one stream of bytes. */
struct fs_input {
	int fd;
	struct wire_message message;
	size_t at;
	int ended;
};

void fs_input_start(struct fs_input *input, int fd);
void fs_input_free(struct fs_input *input);
struct tar_source fs_input_source(struct fs_input *input);
/* Exactly `size` bytes: 1, 0 when the stream ends before the first of them, -1 with errno. */
int fs_input_take(struct fs_input *input, void *buffer, size_t size);

/* A sink of data messages on a session. */
struct tar_sink fs_output(struct fs_session *session);
/* A sink that drops bytes and fails with ECANCELED once the other side is gone. */
struct tar_sink fs_no_output(struct fs_session *session);

/* Records of a streamed answer: `u32le size | fields` one after another in data messages. */
struct fs_records {
	struct fs_session *session;
	struct wire_fields pending;
};

/* 0 or -1 with errno. */
int fs_records_add(struct fs_records *records, const struct wire_fields *fields);
int fs_records_end(struct fs_records *records);

#endif
