#include "spec.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One field of a request: how its text becomes part of the spec. 0 or -1. */
struct field_parser {
	const char *key;
	int (*parse)(void *spec, size_t offset, char *text);
	size_t offset;
};

static void *grow(void *items, size_t count, size_t size)
{
	void *grown = realloc(items, (count + 1) * size);

	if (!grown)
		abort();
	memset((char *)grown + count * size, 0, size);
	return grown;
}

static int parse_integer(const char *text, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno || end == text || *end ? -1 : 0;
}

static int parse_identity(const char *text, struct process_identity *identity)
{
	int end = 0;

	if (sscanf(text, "%d %23[0-9] %39[0-9a-f-]%n", &identity->pid, identity->start_time, identity->boot_id, &end) != 3)
		return -1;
	return text[end] || identity->pid <= 0 ? -1 : 0;
}

int spec_identity(const struct wire_message *message, const char *key, struct process_identity *identity)
{
	CLEANUP_FREE char *text = wire_get(message, key);

	return text ? parse_identity(text, identity) : -1;
}

void wire_add_identity(struct wire_fields *fields, const char *key, const struct process_identity *identity)
{
	char text[96];

	snprintf(text, sizeof text, "%d %s %s", identity->pid, identity->start_time, identity->boot_id);
	wire_add(fields, key, text);
}

#define AT(type, spec, offset) ((type *)((char *)(spec) + (offset)))

static int field_text(void *spec, size_t offset, char *text)
{
	*AT(char *, spec, offset) = text;
	return 0;
}

static int field_absolute(void *spec, size_t offset, char *text)
{
	*AT(char *, spec, offset) = text;
	return text[0] == '/' ? 0 : -1;
}

void text_list_add(struct text_list *list, char *text)
{
	list->items = grow(list->items, list->count + 1, sizeof *list->items);
	list->items[list->count++] = text;
}

static int field_list(void *spec, size_t offset, char *text)
{
	text_list_add(AT(struct text_list, spec, offset), text);
	return 0;
}

static int field_flag(void *spec, size_t offset, char *text)
{
	*AT(int, spec, offset) = strcmp(text, "1") == 0;
	return *text && !text[1] && (*text == '0' || *text == '1') ? 0 : -1;
}

static int field_long(void *spec, size_t offset, char *text)
{
	return parse_integer(text, AT(long long, spec, offset));
}

static int field_int(void *spec, size_t offset, char *text)
{
	long long value;

	if (parse_integer(text, &value) < 0 || value < INT32_MIN || value > INT32_MAX)
		return -1;
	*AT(int, spec, offset) = (int)value;
	return 0;
}

static int field_id(void *spec, size_t offset, char *text)
{
	long long value;

	if (parse_integer(text, &value) < 0 || value < 0 || value >= UINT32_MAX)
		return -1;
	*AT(uid_t, spec, offset) = (uid_t)value;
	return 0;
}

static int field_short(void *spec, size_t offset, char *text)
{
	long long value;

	if (parse_integer(text, &value) < 0 || value < 0 || value > UINT16_MAX)
		return -1;
	*AT(unsigned short, spec, offset) = (unsigned short)value;
	return 0;
}

static int field_identity(void *spec, size_t offset, char *text)
{
	return parse_identity(text, AT(struct process_identity, spec, offset));
}

static int field_namespace(void *spec, size_t offset, char *text)
{
	struct namespace_spec *namespace = AT(struct namespace_spec, spec, offset);

	namespace->kind = NAMESPACE_PRIVATE;
	if (strcmp(text, "private") == 0)
		return 0;
	namespace->kind = NAMESPACE_HOST;
	if (strcmp(text, "host") == 0)
		return 0;
	namespace->kind = NAMESPACE_JOIN;
	return parse_identity(text, &namespace->target);
}

/* The fields of a process sit in two specs: `offset` is that of its struct. */
static int field_group(void *spec, size_t offset, char *text)
{
	struct process_spec *process = AT(struct process_spec, spec, offset);

	process->groups = grow(process->groups, process->group_count, sizeof *process->groups);
	return field_id(&process->groups[process->group_count++], 0, text);
}

static int field_capability(void *spec, size_t offset, char *text)
{
	long long value;

	if (parse_integer(text, &value) < 0 || value < 0 || value > 63)
		return -1;
	AT(struct process_spec, spec, offset)->capabilities |= 1ULL << value;
	return 0;
}

static rlim_t parse_limit(const char *text)
{
	return strcmp(text, "unlimited") == 0 || strcmp(text, "-1") == 0 ? RLIM_INFINITY : strtoull(text, NULL, 10);
}

/* `resource soft hard`. */
static int field_rlimit(void *spec, size_t offset, char *text)
{
	struct process_spec *process = AT(struct process_spec, spec, offset);
	struct rlimit_spec *limit;
	char soft[24], hard[24];
	int end = 0;

	process->rlimits = grow(process->rlimits, process->rlimit_count, sizeof *process->rlimits);
	limit = &process->rlimits[process->rlimit_count++];
	if (sscanf(text, "%d %23s %23s%n", &limit->resource, soft, hard, &end) != 3 || text[end])
		return -1;
	limit->limit.rlim_cur = parse_limit(soft);
	limit->limit.rlim_max = parse_limit(hard);
	return 0;
}

static int field_oom_score(void *spec, size_t offset, char *text)
{
	AT(struct process_spec, spec, offset)->has_oom_score_adj = 1;
	return field_int(spec, offset + offsetof(struct process_spec, oom_score_adj), text);
}

/* `mount` begins one; the fields after it belong to the last begun. */
static int field_mount(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;
	struct mount_spec *mount;

	(void)offset;
	monitor->mounts = grow(monitor->mounts, monitor->mount_count, sizeof *monitor->mounts);
	mount = &monitor->mounts[monitor->mount_count++];
	mount->tmpfs = strcmp(text, "tmpfs") == 0;
	return mount->tmpfs || strcmp(text, "bind") == 0 ? 0 : -1;
}

static struct mount_spec *last_mount(void *spec)
{
	struct monitor_spec *monitor = spec;

	return monitor->mount_count ? &monitor->mounts[monitor->mount_count - 1] : NULL;
}

static int field_mount_source(void *spec, size_t offset, char *text)
{
	(void)offset;
	return last_mount(spec) ? field_absolute(last_mount(spec), offsetof(struct mount_spec, source), text) : -1;
}

static int field_mount_target(void *spec, size_t offset, char *text)
{
	(void)offset;
	return last_mount(spec) ? field_absolute(last_mount(spec), offsetof(struct mount_spec, target), text) : -1;
}

static int field_mount_read_only(void *spec, size_t offset, char *text)
{
	(void)offset;
	return last_mount(spec) ? field_flag(last_mount(spec), offsetof(struct mount_spec, read_only), text) : -1;
}

static int field_mount_option(void *spec, size_t offset, char *text)
{
	(void)offset;
	return last_mount(spec) ? field_list(last_mount(spec), offsetof(struct mount_spec, options), text) : -1;
}

/* `cgroup` begins one by its path; writes (`file=value`) and `cgroupEnter` belong to the last begun. */
static int field_cgroup(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;

	(void)offset;
	monitor->cgroups = grow(monitor->cgroups, monitor->cgroup_count, sizeof *monitor->cgroups);
	monitor->cgroups[monitor->cgroup_count++].path = text;
	return text[0] == '/' ? 0 : -1;
}

/* `offset` is 1 for a write that may fail. */
static int field_cgroup_write(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;
	char *equals = strchr(text, '=');
	struct cgroup_spec *group;
	struct cgroup_write *write;

	if (!equals || monitor->cgroup_count == 0)
		return -1;
	*equals = 0;
	group = &monitor->cgroups[monitor->cgroup_count - 1];
	group->writes = grow(group->writes, group->write_count, sizeof *group->writes);
	write = &group->writes[group->write_count++];
	*write = (struct cgroup_write){ .file = text, .value = equals + 1, .optional = (int)offset };
	return strchr(text, '/') ? -1 : 0;
}

static int field_cgroup_enter(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;

	(void)offset;
	if (monitor->cgroup_count == 0)
		return -1;
	return field_flag(&monitor->cgroups[monitor->cgroup_count - 1], offsetof(struct cgroup_spec, enter), text);
}

/* `file` begins one by its path. */
static int field_file(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;

	(void)offset;
	monitor->files = grow(monitor->files, monitor->file_count, sizeof *monitor->files);
	monitor->files[monitor->file_count++].path = text;
	return text[0] == '/' ? 0 : -1;
}

static int field_file_content(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;

	(void)offset;
	if (monitor->file_count == 0)
		return -1;
	monitor->files[monitor->file_count - 1].content = text;
	return 0;
}

/* `ip hostPort containerPort protocol`. */
static int field_port(void *spec, size_t offset, char *text)
{
	struct monitor_spec *monitor = spec;
	struct port_spec *port;
	char protocol[8];

	(void)offset;
	monitor->ports = grow(monitor->ports, monitor->port_count, sizeof *monitor->ports);
	port = &monitor->ports[monitor->port_count++];
	if (sscanf(text, "%45s %d %d %7s", port->host_ip, &port->host_port, &port->container_port, protocol) != 4)
		return -1;
	port->udp = strcmp(protocol, "udp") == 0;
	if (!port->udp && strcmp(protocol, "tcp") != 0)
		return -1;
	return port->host_port < 0 || port->host_port > 65535 || port->container_port < 1 || port->container_port > 65535 ?
		       -1 :
		       0;
}

static int field_restart(void *spec, size_t offset, char *text)
{
	return restart_parse(text, AT(struct restart_policy, spec, offset));
}

/* op and role were read by the dispatcher. */
static int field_known(void *spec, size_t offset, char *text)
{
	(void)spec;
	(void)offset;
	free(text);
	return 0;
}

#define PROCESS_FIELDS(spec) \
	{ "op", field_known, 0 }, { "role", field_known, 0 }, \
	{ "arg", field_list, offsetof(spec, process.args) }, { "env", field_list, offsetof(spec, process.env) }, \
	{ "cwd", field_absolute, offsetof(spec, process.cwd) }, \
	{ "createCwd", field_flag, offsetof(spec, process.create_cwd) }, \
	{ "uid", field_id, offsetof(spec, process.uid) }, { "gid", field_id, offsetof(spec, process.gid) }, \
	{ "group", field_group, offsetof(spec, process) }, { "tty", field_flag, offsetof(spec, process.tty) }, \
	{ "rows", field_short, offsetof(spec, process.rows) }, \
	{ "columns", field_short, offsetof(spec, process.columns) }, \
	{ "capability", field_capability, offsetof(spec, process) }, \
	{ "noNewPrivileges", field_flag, offsetof(spec, process.no_new_privileges) }, \
	{ "rlimit", field_rlimit, offsetof(spec, process) }, \
	{ "oomScoreAdj", field_oom_score, offsetof(spec, process) }, \
	{ "seccompFilter", field_absolute, offsetof(spec, process.filter_path) }

static const struct field_parser monitor_fields[] = {
	PROCESS_FIELDS(struct monitor_spec),
	{ "id", field_text, offsetof(struct monitor_spec, id) },
	{ "directory", field_absolute, offsetof(struct monitor_spec, directory) },
	{ "runDirectory", field_absolute, offsetof(struct monitor_spec, run_directory) },
	{ "lower", field_list, offsetof(struct monitor_spec, lowers) },
	{ "upper", field_absolute, offsetof(struct monitor_spec, upper) },
	{ "work", field_absolute, offsetof(struct monitor_spec, work) },
	{ "readOnlyRootfs", field_flag, offsetof(struct monitor_spec, read_only_rootfs) },
	{ "hostname", field_text, offsetof(struct monitor_spec, hostname) },
	{ "pidNamespace", field_namespace, offsetof(struct monitor_spec, pid) },
	{ "ipcNamespace", field_namespace, offsetof(struct monitor_spec, ipc) },
	{ "utsNamespace", field_namespace, offsetof(struct monitor_spec, uts) },
	{ "networkNamespace", field_namespace, offsetof(struct monitor_spec, network_namespace) },
	{ "cgroupNamespace", field_namespace, offsetof(struct monitor_spec, cgroup_namespace) },
	{ "mount", field_mount, 0 },
	{ "mountSource", field_mount_source, 0 },
	{ "mountTarget", field_mount_target, 0 },
	{ "mountReadOnly", field_mount_read_only, 0 },
	{ "mountOption", field_mount_option, 0 },
	{ "maskedPath", field_list, offsetof(struct monitor_spec, masked_paths) },
	{ "readOnlyPath", field_list, offsetof(struct monitor_spec, read_only_paths) },
	{ "shmSize", field_long, offsetof(struct monitor_spec, shm_size) },
	{ "sysctl", field_list, offsetof(struct monitor_spec, sysctls) },
	{ "cgroup", field_cgroup, 0 },
	{ "cgroupWrite", field_cgroup_write, 0 },
	{ "cgroupOptionalWrite", field_cgroup_write, 1 },
	{ "cgroupEnter", field_cgroup_enter, 0 },
	{ "file", field_file, 0 },
	{ "fileContent", field_file_content, 0 },
	{ "runRecord", field_text, offsetof(struct monitor_spec, run_record) },
	{ "onBridge", field_flag, offsetof(struct monitor_spec, on_bridge) },
	{ "bridge", field_text, offsetof(struct monitor_spec, network.bridge) },
	{ "subnet", field_text, offsetof(struct monitor_spec, network.subnet) },
	{ "address", field_text, offsetof(struct monitor_spec, network.address) },
	{ "gateway", field_text, offsetof(struct monitor_spec, network.gateway) },
	{ "mac", field_text, offsetof(struct monitor_spec, network.mac) },
	{ "port", field_port, 0 },
	{ "init", field_flag, offsetof(struct monitor_spec, init) },
	{ "openStdin", field_flag, offsetof(struct monitor_spec, open_stdin) },
	{ "stdinOnce", field_flag, offsetof(struct monitor_spec, stdin_once) },
	{ "waitForAttach", field_flag, offsetof(struct monitor_spec, wait_for_attach) },
	{ "healthArg", field_list, offsetof(struct monitor_spec, health.args) },
	{ "healthInterval", field_long, offsetof(struct monitor_spec, health.interval_ms) },
	{ "healthTimeout", field_long, offsetof(struct monitor_spec, health.timeout_ms) },
	{ "healthStartPeriod", field_long, offsetof(struct monitor_spec, health.start_period_ms) },
	{ "healthStartInterval", field_long, offsetof(struct monitor_spec, health.start_interval_ms) },
	{ "healthRetries", field_int, offsetof(struct monitor_spec, health.retries) },
	{ "restart", field_restart, offsetof(struct monitor_spec, restart) },
	{ "journal", field_absolute, offsetof(struct monitor_spec, journal) },
	{ "actor", field_text, offsetof(struct monitor_spec, actor) },
	{ "logMaxBytes", field_long, offsetof(struct monitor_spec, log_max_bytes) },
	{ "logMaxFiles", field_int, offsetof(struct monitor_spec, log_max_files) },
};

static const struct field_parser exec_fields[] = {
	PROCESS_FIELDS(struct exec_spec),
	{ "container", field_identity, offsetof(struct exec_spec, container) },
	{ "runDirectory", field_absolute, offsetof(struct exec_spec, run_directory) },
	{ "name", field_text, offsetof(struct exec_spec, name) },
	{ "openStdin", field_flag, offsetof(struct exec_spec, open_stdin) },
	{ "waitForAttach", field_flag, offsetof(struct exec_spec, wait_for_attach) },
	{ "cgroup", field_list, offsetof(struct exec_spec, cgroups) },
	{ "journal", field_absolute, offsetof(struct exec_spec, journal) },
	{ "actor", field_text, offsetof(struct exec_spec, actor) },
	{ "directory", field_absolute, offsetof(struct exec_spec, directory) },
	{ "id", field_text, offsetof(struct exec_spec, id) },
};

struct field_table {
	const struct field_parser *parsers;
	size_t count;
};

static int parse_field(const struct field_table *table, const struct wire_field *field, void *spec)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct field_parser *parser = &table->parsers[i];
		char *text;

		if (!wire_field_is(field, parser->key))
			continue;
		/* A NUL inside would cut a path or argument short without a word. */
		if (memchr(field->value, 0, field->value_size))
			return -1;
		text = strndup(field->value, field->value_size);
		if (!text)
			abort();
		return parser->parse(spec, parser->offset, text) < 0 ? -1 : 0;
	}
	return -1;
}

static int parse_all(const struct wire_message *message, const struct field_table *table, void *spec, struct failure *failure)
{
	struct wire_field field;
	size_t at = 0;
	int more;

	while ((more = wire_next(message, &at, &field)) == 1) {
		char key[64];
		if (parse_field(table, &field, spec) == 0)
			continue;
		snprintf(key, sizeof key, "%.*s", (int)field.key_size, field.key);
		return fail(failure, "spec", key, EINVAL);
	}
	return more < 0 ? fail(failure, "spec", NULL, errno) : 0;
}

/* Read before any namespace is entered: the path is the host's. */
static int read_filter(struct process_spec *process, struct failure *failure)
{
	CLEANUP_FD int fd = -1;
	struct stat info;

	if (!process->filter_path)
		return 0;
	fd = open(process->filter_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) < 0)
		return fail(failure, "seccomp", process->filter_path, errno);
	if (info.st_size == 0 || info.st_size % sizeof(struct sock_filter) ||
	    info.st_size / sizeof(struct sock_filter) > BPF_MAXINSNS)
		return fail(failure, "seccomp", process->filter_path, EINVAL);
	process->filter.filter = malloc((size_t)info.st_size);
	process->filter.len = (unsigned short)((size_t)info.st_size / sizeof(struct sock_filter));
	if (!process->filter.filter || read(fd, process->filter.filter, (size_t)info.st_size) != info.st_size)
		return fail(failure, "seccomp", process->filter_path, EIO);
	return 0;
}

static int check_process(struct process_spec *process, struct failure *failure)
{
	if (process->args.count == 0)
		return fail(failure, "spec", "arg", EINVAL);
	if (!process->cwd)
		return fail(failure, "spec", "cwd", EINVAL);
	return read_filter(process, failure);
}

static const struct field_table monitor_table = { monitor_fields, sizeof monitor_fields / sizeof *monitor_fields };

int spec_parse_monitor(const struct wire_message *message, struct monitor_spec *spec, struct failure *failure)
{
	if (parse_all(message, &monitor_table, spec, failure) < 0)
		return -1;
	if (!spec->id || !spec->directory || !spec->run_directory)
		return fail(failure, "spec", "id, directory and runDirectory", EINVAL);
	return 0;
}

/* A server that gives up ends the data, or the connection. */
static int not_data(int got)
{
	errno = got < 0 ? errno : ECANCELED;
	return -1;
}

int spec_read_network(int connection, struct monitor_spec *spec, struct failure *failure)
{
	struct wire_message message;
	int got, result;

	if (!spec->on_bridge)
		return 0;
	got = wire_read(connection, &message);
	if (got != 1)
		return not_data(got), fail(failure, "spec", "network", errno);
	result = message.type == WIRE_DATA ? parse_all(&message, &monitor_table, spec, failure) :
					     fail(failure, "spec", "network", ECANCELED);
	wire_message_free(&message);
	return result == 0 && !spec->network.bridge ? fail(failure, "spec", "bridge", EINVAL) : result;
}

/* The data of a request up to its end; the fields keep copies of what they need. */
static int read_data(int connection, struct wire_fields *data)
{
	struct wire_message message;
	int got;

	while ((got = wire_read(connection, &message)) == 1 && message.type == WIRE_DATA) {
		wire_append(data, message.data, message.size);
		wire_message_free(&message);
	}
	if (got == 1 && message.type == WIRE_END)
		return 0;
	errno = got == 0 ? ECANCELED : got < 0 ? errno : EPROTO;
	return -1;
}

int spec_keeps_content(const struct monitor_spec *spec)
{
	return spec->restart.kind != RESTART_NO || spec->health.args.count > 0;
}

int spec_complete_monitor(int connection, struct monitor_spec *spec, struct failure *failure)
{
	struct wire_fields data = { 0 };
	struct wire_message rest = { 0 };
	int result;

	if (read_data(connection, &data) < 0)
		return fail(failure, "spec", NULL, errno);
	rest.data = data.data;
	rest.size = data.size;
	result = parse_all(&rest, &monitor_table, spec, failure);
	wire_fields_free(&data);
	if (result < 0)
		return -1;
	if (spec->lowers.count == 0 || (spec->upper != NULL) != (spec->work != NULL))
		return fail(failure, "spec", "lower, upper and work", EINVAL);
	for (size_t i = 0; i < spec->mount_count; i++)
		if (!spec->mounts[i].target || (spec->mounts[i].source != NULL) == spec->mounts[i].tmpfs)
			return fail(failure, "spec", "mount", EINVAL);
	for (size_t i = 0; i < spec->file_count; i++)
		if (!spec->files[i].content)
			return fail(failure, "spec", "file", EINVAL);
	spec->complete = 1;
	return check_process(&spec->process, failure);
}

int spec_parse_exec(const struct wire_message *message, struct exec_spec *spec, struct failure *failure)
{
	static const struct field_table table = { exec_fields, sizeof exec_fields / sizeof *exec_fields };

	if (parse_all(message, &table, spec, failure) < 0)
		return -1;
	if (!spec->container.pid || !spec->run_directory || !spec->name || strchr(spec->name, '/'))
		return fail(failure, "spec", "container, runDirectory and name", EINVAL);
	return check_process(&spec->process, failure);
}
