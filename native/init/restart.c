#include "restart.h"

#include "loop.h"

#include "core/process.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define FIRST_DELAY_MS 100
#define LAST_DELAY_MS 60000
#define LONG_RUN_SECONDS 10

int restart_parse(const char *text, struct restart_policy *policy)
{
	static const char on_failure[] = "on-failure";
	char *end;

	*policy = (struct restart_policy){ .kind = RESTART_NO };
	if (strcmp(text, "no") == 0)
		return 0;
	policy->kind = RESTART_ALWAYS;
	if (strcmp(text, "always") == 0 || strcmp(text, "unless-stopped") == 0)
		return 0;
	policy->kind = RESTART_ON_FAILURE;
	if (strncmp(text, on_failure, sizeof on_failure - 1) != 0)
		return -1;
	text += sizeof on_failure - 1;
	if (!*text)
		return 0;
	policy->max_retries = (int)strtol(text + 1, &end, 10);
	return *text != ':' || end == text + 1 || *end || policy->max_retries < 0 ? -1 : 0;
}

struct restart_policy restart_current(const char *directory, const struct restart_policy *given)
{
	struct restart_policy policy;
	char path[PATH_MAX], text[64];

	snprintf(path, sizeof path, "%s/restart", directory);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) <= 0)
		return *given;
	text[strcspn(text, "\n")] = 0;
	return restart_parse(text, &policy) < 0 ? *given : policy;
}

int restart_is_stopped(const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/stopped", directory);
	return access(path, F_OK) == 0;
}

int restart_wanted(const struct restart_policy *policy, struct restart_history *history, int exit_code,
		   long long ran_seconds)
{
	if (policy->kind == RESTART_NO)
		return 0;
	if (policy->kind == RESTART_ON_FAILURE &&
	    (exit_code == 0 || (policy->max_retries && history->count >= policy->max_retries)))
		return 0;
	if (ran_seconds >= LONG_RUN_SECONDS || history->delay_ms == 0)
		history->delay_ms = FIRST_DELAY_MS;
	else if (history->delay_ms < LAST_DELAY_MS / 2)
		history->delay_ms *= 2;
	else
		history->delay_ms = LAST_DELAY_MS;
	history->count++;
	return 1;
}

static int due;

static void on_due(void)
{
	due = 1;
	loop_timer(0, NULL);
}

/* Which file it was is looked at by the caller. */
static void on_change(struct loop_source *source, uint32_t events)
{
	char waste[4096];

	(void)events;
	while (read(source->fd, waste, sizeof waste) > 0)
		;
}

int restart_wait(const char *directory, const struct restart_history *history)
{
	struct loop_source changes = { .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .run = on_change };
	int stopped;

	due = 0;
	/* Without a watch (the user's are used up) the mark counts once the pause is over. */
	if (changes.fd >= 0 && inotify_add_watch(changes.fd, directory, IN_CREATE | IN_MOVED_TO) >= 0)
		loop_add(&changes, EPOLLIN);
	loop_timer(history->delay_ms, on_due);
	while (!(stopped = restart_is_stopped(directory)) && !due)
		loop_once();
	loop_timer(0, NULL);
	loop_close(&changes);
	return !stopped;
}
