/* When a container that ended is run again by its monitor, and after how long. */
#ifndef SAMPAN_RESTART_H
#define SAMPAN_RESTART_H

enum restart_kind { RESTART_NO, RESTART_ALWAYS, RESTART_ON_FAILURE };

struct restart_policy {
	enum restart_kind kind;
	/* Of RESTART_ON_FAILURE; 0: no limit. */
	int max_retries;
};

/* How often it was run again, and the pause before the last time. */
struct restart_history {
	int count;
	int delay_ms;
};

/* `no`, `always`, `unless-stopped` (the same while its monitor lives), `on-failure` or `on-failure:<n>`. 0 or -1. */
int restart_parse(const char *text, struct restart_policy *policy);

/* The policy that the file `restart` in the container's folder names (an update wrote it), else `given`. */
struct restart_policy restart_current(const char *directory, const struct restart_policy *given);

/* 1 when somebody stopped it by hand: the file `stopped` is in the container's folder. */
int restart_is_stopped(const char *directory);

/*
 * Whether to run it again; the history goes on then. Docker's pauses (moby: daemon/internal/restartmanager): 100 ms, twice
 * as long each time up to a minute, and 100 ms again after a run of ten seconds.
 */
int restart_wanted(const struct restart_policy *policy, struct restart_history *history, int exit_code,
		   long long ran_seconds);

/* Wait out the pause, serving what the loop serves. 1: run it; 0: it was stopped meanwhile. */
int restart_wait(const char *directory, const struct restart_history *history);

#endif
