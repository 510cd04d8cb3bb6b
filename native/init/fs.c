#include "fs.h"

#include "roles.h"

#include "core/errno_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The role is open already: asking twice does no harm. */
static FS_OP(fs_open)
{
	(void)session;
	(void)request;
	(void)result;
	(void)failure;
	return 0;
}

static const struct fs_op ops[] = {
	{ "open", " role ", fs_open },
	{ "applyLayer", " path ", fs_apply_layer },
	{ "diffLayer", " path stream earliest latest ", fs_diff_layer },
	{ "mount", " lower upper work ", fs_mount },
	{ "openDirectory", " path ", fs_open_directory },
	{ "openProcess", " pid startTime ", fs_open_process },
	{ "unmount", " mount ", fs_unmount },
	{ "makeDirectory", " path mode ", fs_make_directory },
	{ "removeTree", " path ", fs_remove_tree },
	{ "removeAll", " mount path ", fs_remove_all },
	{ "copyTree", " source target ", fs_copy_tree },
	{ "copyOut", " mount path target ", fs_copy_out },
	{ "measure", " path ", fs_measure },
	{ "changes", " lower upper ", fs_changes },
	{ "sync", " path ", fs_sync },
	{ "readFile", " mount path max ", fs_read_file },
	{ "stat", " mount path follow ", fs_stat },
	{ "walk", " mount path hash recursive ", fs_walk },
	{ "makeDirectories", " mount path mode uid gid ", fs_make_directories },
	{ "copy", " mount sourceMount sourceRoot ", fs_copy },
	{ "writeFile", " mount path size mode existing missing ", fs_write_file },
	{ "remove", " mount path recursive ", fs_remove },
	{ "rename", " mount path target replace ", fs_rename },
	{ "watch", " mount path ", fs_watch },
	{ "fillDirectory", " path uid gid ", fs_fill_directory },
	{ "extract", " mount path uid gid ", fs_extract },
	{ "export", " mount earliest latest ", fs_export },
	{ "archive", " mount path as ", fs_archive },
};

static const struct fs_op *find_op(const char *name)
{
	for (size_t i = 0; name && i < sizeof ops / sizeof *ops; i++)
		if (strcmp(ops[i].name, name) == 0)
			return &ops[i];
	return NULL;
}

/* Keys that this build does not know are refused: a newer server must not believe that they were heard. */
static int check_keys(const struct fs_op *op, const struct wire_message *request, struct failure *failure)
{
	struct wire_field field;
	char key[260];
	size_t at = 0;
	int got;

	while ((got = wire_next(request, &at, &field)) == 1) {
		if (wire_field_is(&field, "op"))
			continue;
		key[0] = ' ';
		memcpy(key + 1, field.key, field.key_size);
		memcpy(key + 1 + field.key_size, " ", 2);
		if (!strstr(op->keys, key))
			return fail_because(failure, "request", op->name, EPROTO, "the field%.60sis not known", key);
	}
	return got < 0 ? fail(failure, "request", op->name, errno) : 0;
}

static int write_failure(int fd, const struct failure *failure)
{
	struct wire_fields fields = { 0 };
	int result;

	if (!failure->reason[0])
		return wire_write_error(fd, failure->step, failure->path, failure->error);
	wire_add(&fields, "step", failure->step);
	wire_add(&fields, "path", failure->path);
	wire_add(&fields, "errno", errno_name(failure->error));
	wire_add(&fields, "message", failure->reason);
	result = wire_write_fields(fd, WIRE_ERROR, &fields);
	wire_fields_free(&fields);
	return result;
}

static int serve(struct fs_session *session, const struct wire_message *request)
{
	CLEANUP_FREE char *name = wire_get(request, "op");
	const struct fs_op *op = find_op(name);
	struct wire_fields result = { 0 };
	struct failure failure = { 0 };
	int done;

	if (!op)
		fail_because(&failure, "request", name, EPROTO, "the operation is not known");
	if (op && check_keys(op, request, &failure) == 0 && op->run(session, request, &result, &failure) == 0)
		done = wire_write_fields(session->fd, WIRE_RESULT, &result);
	else
		done = write_failure(session->fd, &failure);
	wire_fields_free(&result);
	return done;
}

/* A tree may be as deep as there are descriptors. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int fs_main(int fd, const struct wire_message *first)
{
	struct fs_session session = { .fd = fd };
	struct wire_message request = *first;
	int served = 0;

	/* Modes are given, never inherited. */
	umask(0);
	raise_descriptor_limit();
	do {
		/* Data left over from a request that failed half-way is passed over. */
		if (request.type == WIRE_REQUEST)
			served = serve(&session, &request);
		wire_message_free(&request);
	} while (served == 0 && wire_read(fd, &request) == 1);
	fs_drop_mounts(&session);
	return served < 0;
}

char *fs_text(const struct wire_message *request, const char *key, struct failure *failure)
{
	char *text = wire_get(request, key);

	if (!text)
		fail_because(failure, "request", key, EPROTO, "the field is missing");
	return text;
}
