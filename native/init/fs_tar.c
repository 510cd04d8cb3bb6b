/* Operations of a session that read or write tar. */
#include "fs.h"

#include "core/pack.h"
#include "core/rootpath.h"
#include "core/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_digest(struct wire_fields *result, struct sha256 *hash)
{
	char hex[SHA256_HEX_SIZE];

	sha256_finish_hex(hash, hex);
	wire_add(result, "sha256", hex);
}

static int unpack_input(struct fs_session *session, int root, const struct unpack_options *options,
			struct wire_fields *result, struct failure *failure)
{
	struct fs_input input;
	struct tar_reader reader;
	struct unpack_totals totals;
	int done;

	fs_input_start(&input, session->fd);
	tar_reader_start(&reader, fs_input_source(&input));
	done = unpack(root, &reader, options, &totals, failure);
	if (done == 0) {
		add_digest(result, &reader.hash);
		wire_add_number(result, "tarSize", (long long)reader.total);
		wire_add_number(result, "contentSize", (long long)totals.content_size);
		wire_add_number(result, "entries", (long long)totals.entries);
		wire_add_number(result, "devicesSkipped", (long long)totals.devices_skipped);
	}
	tar_reader_free(&reader);
	fs_input_free(&input);
	return done;
}

/* path: an empty directory of the host. Its own attributes stay when the layer says nothing about its root. */
FS_OP(fs_apply_layer)
{
	static const struct unpack_options options = { .layer = 1, .uid = -1, .gid = -1 };
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	CLEANUP_FD int root = -1;

	if (!path)
		return -1;
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(failure, "open", path, errno);
	return unpack_input(session, root, &options, result, failure);
}

/* Send what `pack` writes, and say what it was. */
static int pack_output(struct tar_sink sink, struct packing *packing,
		       int (*pack)(struct packing *packing, void *context, struct failure *failure), void *context,
		       struct wire_fields *result, struct failure *failure)
{
	struct tar_writer writer;
	int done;

	tar_writer_start(&writer, sink);
	packing->writer = &writer;
	done = pack(packing, context, failure);
	if (done == 0)
		done = tar_write_end(&writer, failure);
	if (done == 0) {
		add_digest(result, &writer.hash);
		wire_add_number(result, "tarSize", (long long)writer.total);
		wire_add_number(result, "contentSize", (long long)packing->content_size);
		wire_add_number(result, "entries", (long long)packing->entries);
	}
	inodes_free(&packing->inodes);
	tar_writer_free(&writer);
	return done;
}

static int pack_opened(struct packing *packing, void *directory, struct failure *failure)
{
	return pack_directory(packing, *(int *)directory, "", failure);
}

/* earliest, latest: bounds for times in whole seconds since 1970; each may be left out. */
static struct pack_times requested_times(const struct wire_message *request)
{
	return (struct pack_times){
		.earliest = wire_get_number(request, "earliest", INT64_MIN),
		.latest = wire_get_number(request, "latest", INT64_MAX),
	};
}

/*
 * path: an upper directory of the host, or several, topmost first, that are one change set together: each hides and
 * deletes only what those behind it have. stream: send the bytes too; earliest, latest as above.
 */
FS_OP(fs_diff_layer)
{
	int stream = wire_get_number(request, "stream", 0) == 1;
	struct packing packing = { .layer = 1, .times = requested_times(request) };
	CLEANUP_FD int upper = fs_open_merged(request, "path", failure);

	if (upper < 0)
		return -1;
	return pack_output(stream ? fs_output(session) : fs_no_output(session), &packing, pack_opened, &upper, result,
			   failure);
}

/*
 * path: a directory of the host, what is in it stays; uid, gid: owner of all members. Data: a plain tar.
 */
FS_OP(fs_fill_directory)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	struct unpack_options options = {
		.uid = wire_get_number(request, "uid", -1),
		.gid = wire_get_number(request, "gid", -1),
	};
	CLEANUP_FD int directory = -1;

	if (!path)
		return -1;
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return fail(failure, "open", path, errno);
	return unpack_input(session, directory, &options, result, failure);
}

/* mount, path: a directory; uid, gid: owner of all members. Data: a plain tar. */
FS_OP(fs_extract)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int root = fs_mounted(session, request, "mount", failure);
	struct unpack_options options = {
		.uid = wire_get_number(request, "uid", -1),
		.gid = wire_get_number(request, "gid", -1),
	};
	CLEANUP_FD int directory = -1;

	if (!path || root < 0)
		return -1;
	directory = root_open(root, path, O_RDONLY | O_DIRECTORY, 0);
	if (directory < 0)
		return fail(failure, "open", path, errno);
	return unpack_input(session, directory, &options, result, failure);
}

/* mount; earliest, latest as above. Answers with a tar of everything. */
FS_OP(fs_export)
{
	int root = fs_mounted(session, request, "mount", failure);
	struct packing packing = { .times = requested_times(request) };
	CLEANUP_FD int directory = root < 0 ? -1 : openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -1;
	if (directory < 0)
		return fail(failure, "open", "/", errno);
	return pack_output(fs_output(session), &packing, pack_opened, &directory, result, failure);
}

struct archived {
	int parent;
	const char *name;
	/* Its name in the archive. */
	const char *as;
};

static int pack_archived(struct packing *packing, void *context, struct failure *failure)
{
	const struct archived *archived = context;

	return pack_entry(packing, archived->parent, archived->name, archived->as, failure);
}

/*
 * mount, path, as. Answers with a tar in which the last component is the top, called `as` if given; it is not
 * followed. A path that ends in "/." means what the directory holds, without a name before it.
 */
FS_OP(fs_archive)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	CLEANUP_FREE char *as = wire_get(request, "as");
	int root = fs_mounted(session, request, "mount", failure);
	struct packing packing = { .times = PACK_ANY_TIME };
	CLEANUP_FD int directory = -1;
	char *slash;

	if (!path || root < 0)
		return -1;
	slash = strrchr(path, '/');
	if (!slash || !slash[1] || strcmp(slash, "/.") == 0) {
		directory = root_open(root, path, O_RDONLY | O_DIRECTORY, 0);
		if (directory < 0)
			return fail(failure, "open", path, errno);
		return pack_output(fs_output(session), &packing, pack_opened, &directory, result, failure);
	}
	*slash = 0;
	directory = root_open(root, path, O_PATH | O_DIRECTORY, 0);
	if (directory < 0)
		return fail(failure, "open", path, errno);
	return pack_output(fs_output(session), &packing, pack_archived, &(struct archived){ directory, slash + 1, as ? as : slash + 1 },
			   result, failure);
}
