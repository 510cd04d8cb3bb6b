#include "state.h"

#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes that the last record is sure to find on the disk. */
#define EXITED_SIZE 4096

static const char state_name[] = "state.json";

static int open_fresh(const char *directory, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s.new", directory, name);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Written over what state_reserve() may have allocated, and cut only then: truncating first would give it away. */
int replace_file(const char *directory, const char *name, const char *text, struct failure *failure)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	const size_t size = strlen(text);
	CLEANUP_FD int fd = open_fresh(directory, name, fresh, sizeof fresh);

	snprintf(path, sizeof path, "%s/%s", directory, name);
	if (fd < 0 || write(fd, text, size) != (ssize_t)size || ftruncate(fd, (off_t)size) < 0 ||
	    rename(fresh, path) < 0)
		return fail(failure, "state", path, errno);
	return 0;
}

void state_reserve(const char *directory)
{
	char path[PATH_MAX];
	CLEANUP_FD int fd = open_fresh(directory, state_name, path, sizeof path);

	/* Not every file system can: then a full disk costs the exit code, as it did before. */
	if (fd >= 0)
		fallocate(fd, 0, 0, EXITED_SIZE);
}

void state_discard(const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s.new", directory, state_name);
	unlink(path);
}

static void put_identity(struct json_writer *writer, const char *key, const struct process_identity *identity)
{
	json_key(writer, key);
	json_open(writer, '{');
	json_number(writer, "pid", identity->pid);
	json_text(writer, "startTime", identity->start_time);
	json_text(writer, "bootId", identity->boot_id);
	json_close(writer, '}');
}

static void put_ports(struct json_writer *writer)
{
	struct port_spec port;

	json_key(writer, "ports");
	json_open(writer, '[');
	for (size_t i = 0; ports_get(i, &port); i++) {
		json_open(writer, '{');
		json_text(writer, "hostIp", port.host_ip);
		json_number(writer, "hostPort", port.host_port);
		json_number(writer, "containerPort", port.container_port);
		json_text(writer, "protocol", port.udp ? "udp" : "tcp");
		json_close(writer, '}');
	}
	json_close(writer, ']');
}

int state_write_running(const struct container_state *state, struct failure *failure)
{
	/* A published range of a thousand ports is what makes this long. */
	const size_t size = 4096 + ports_count() * 192;
	CLEANUP_FREE char *text = malloc(size);
	struct json_writer writer = { .text = text, .size = size };

	if (!text)
		return fail(failure, "state", state->directory, ENOMEM);
	json_open(&writer, '{');
	json_text(&writer, "status", "running");
	put_identity(&writer, "monitor", &state->monitor);
	put_identity(&writer, "process", &state->process);
	json_text(&writer, "startedAt", state->started_at);
	if (state->restart_count)
		json_number(&writer, "restartCount", state->restart_count);
	put_ports(&writer);
	json_close(&writer, '}');
	return replace_file(state->directory, state_name, text, failure);
}

static int write_ended(const struct container_state *state, const char *status, struct failure *failure)
{
	char text[EXITED_SIZE], error[1024];
	struct json_writer writer = { .text = text, .size = sizeof text };

	json_open(&writer, '{');
	json_text(&writer, "status", status);
	if (strcmp(status, "restarting") == 0)
		put_identity(&writer, "monitor", &state->monitor);
	if (state->restart_count)
		json_number(&writer, "restartCount", state->restart_count);
	json_number(&writer, "exitCode", state->exit_code);
	if (state->signal)
		json_number(&writer, "signal", state->signal);
	json_truth(&writer, "oomKilled", state->oom_killed);
	json_text(&writer, "startedAt", state->started_at);
	json_text(&writer, "finishedAt", state->finished_at);
	if (state->failure && state->failure->error) {
		snprintf(error, sizeof error, "%s %s: %s", state->failure->step, state->failure->path,
			 strerror(state->failure->error));
		json_text(&writer, "error", error);
	}
	json_close(&writer, '}');
	return replace_file(state->directory, state_name, text, failure);
}

int state_write_exited(const struct container_state *state, struct failure *failure)
{
	return write_ended(state, "exited", failure);
}

int state_write_restarting(const struct container_state *state, struct failure *failure)
{
	return write_ended(state, "restarting", failure);
}

void state_sync(const char *directory)
{
	char path[PATH_MAX];
	CLEANUP_FD int file = -1;
	CLEANUP_FD int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	snprintf(path, sizeof path, "%s/state.json", directory);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		fsync(file);
	if (folder >= 0)
		fsync(folder);
}
