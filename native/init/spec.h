/*
 * Requests of the server as C values (server/engine/runtime/types.ts says what they mean). Every pointer lives
 * as long as the process: a spec is parsed once.
 */
#ifndef SAMPAN_SPEC_H
#define SAMPAN_SPEC_H

#include "restart.h"

#include "core/failure.h"
#include "core/process.h"
#include "core/wire.h"

#include <linux/filter.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* A growing list of texts, NULL-terminated once it is not empty. */
struct text_list {
	char **items;
	size_t count;
};

void text_list_add(struct text_list *list, char *text);

struct rlimit_spec {
	int resource;
	struct rlimit limit;
};

struct process_spec {
	struct text_list args;
	struct text_list env;
	char *cwd;
	int create_cwd;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t group_count;
	int tty;
	unsigned short rows;
	unsigned short columns;
	/* Bit n is capability n. */
	uint64_t capabilities;
	int no_new_privileges;
	struct rlimit_spec *rlimits;
	size_t rlimit_count;
	int has_oom_score_adj;
	int oom_score_adj;
	/* Path of the compiled filter, and what was read from it. */
	char *filter_path;
	struct sock_fprog filter;
};

enum namespace_kind { NAMESPACE_PRIVATE, NAMESPACE_HOST, NAMESPACE_JOIN };

struct namespace_spec {
	enum namespace_kind kind;
	struct process_identity target;
};

struct mount_spec {
	int tmpfs;
	char *source;
	char *target;
	int read_only;
	struct text_list options;
};

struct cgroup_write {
	char *file;
	char *value;
	int optional;
};

struct cgroup_spec {
	char *path;
	struct cgroup_write *writes;
	size_t write_count;
	int enter;
};

struct port_spec {
	char host_ip[46];
	int host_port;
	int container_port;
	int udp;
};

/* A file that is written before the program starts. */
struct file_spec {
	char *path;
	char *content;
};

struct network_spec {
	char *bridge;
	/* Range of the bridge's network: the bridge is made when it is not there. NULL: it is there. */
	char *subnet;
	char *address;
	char *gateway;
	char *mac;
};

/* What is run in the container to see how it fares; without arguments nothing is. */
struct health_spec {
	struct text_list args;
	long long interval_ms;
	long long timeout_ms;
	long long start_period_ms;
	long long start_interval_ms;
	/* Failures in a row that make it unhealthy. */
	int retries;
};

struct monitor_spec {
	char *id;
	char *directory;
	char *run_directory;
	struct text_list lowers;
	char *upper;
	char *work;
	int read_only_rootfs;
	struct process_spec process;
	char *hostname;
	struct namespace_spec pid, ipc, uts, network_namespace, cgroup_namespace;
	struct mount_spec *mounts;
	size_t mount_count;
	struct text_list masked_paths;
	struct text_list read_only_paths;
	long long shm_size;
	struct text_list sysctls;
	/* In place, 0644: what is bound into the container. */
	struct file_spec *files;
	size_t file_count;
	/* Text of `run.json` in the runtime folder, or NULL. */
	char *run_record;
	struct cgroup_spec *cgroups;
	size_t cgroup_count;
	/* Its network follows the request. */
	int on_bridge;
	struct network_spec network;
	struct port_spec *ports;
	size_t port_count;
	int init;
	int open_stdin;
	int stdin_once;
	int wait_for_attach;
	/* What to do when it ends. A monitor that may need the content again has read it itself: `complete`. */
	struct restart_policy restart;
	struct health_spec health;
	int complete;
	/* Folder of the journal of events and what they say of the container (struct journal), or NULL. */
	char *journal;
	char *actor;
	long long log_max_bytes;
	int log_max_files;
};

struct exec_spec {
	struct process_identity container;
	char *run_directory;
	char *name;
	struct process_spec process;
	int open_stdin;
	int wait_for_attach;
	struct text_list cgroups;
	/* As of a monitor; the container's own folder and id besides. */
	char *journal;
	char *actor;
	char *directory;
	char *id;
};

/*
 * Fill a spec from a request. -1 and `failure` (step "spec", path the field) when a field is unknown or malformed.
 * A monitor's comes in parts: what namespaces, groups and ports need is in the request; the network is the first message
 * of the request's data if the container is on one; the process that is being born reads the rest.
 */
int spec_parse_monitor(const struct wire_message *message, struct monitor_spec *spec, struct failure *failure);
int spec_read_network(int connection, struct monitor_spec *spec, struct failure *failure);
/* 1 when the monitor has to know the content too, for what it does later. */
int spec_keeps_content(const struct monitor_spec *spec);
int spec_complete_monitor(int connection, struct monitor_spec *spec, struct failure *failure);
int spec_parse_exec(const struct wire_message *message, struct exec_spec *spec, struct failure *failure);

/* The value of `key`, `pid startTime bootId` separated by blanks. 0, or -1 when absent or malformed. */
int spec_identity(const struct wire_message *message, const char *key, struct process_identity *identity);

/* The same on the way back. */
void wire_add_identity(struct wire_fields *fields, const char *key, const struct process_identity *identity);

#endif
