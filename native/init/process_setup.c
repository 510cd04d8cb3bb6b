#include "process_setup.h"

#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint64_t admin = 1ULL << CAP_SYS_ADMIN;

static int set_capabilities(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)effective, .permitted = (uint32_t)permitted },
		{ .effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

/* The capabilities that this process has at all: asking for others is not an error, the host just lacks them. */
static uint64_t own_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

/* A filter needs CAP_SYS_ADMIN or no_new_privs to be loaded, seccomp(2); it is the last thing that does. */
static uint64_t kept_for_filter(const struct process_spec *process)
{
	return process->filter.len && !process->no_new_privileges ? admin : 0;
}

static int drop_bounding_set(uint64_t keep)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
		if (!(keep >> capability & 1) && prctl(PR_CAPBSET_DROP, capability) < 0)
			return -1;
	return 0;
}

static int set_groups(const struct process_spec *process)
{
	if (setgroups(process->group_count, process->groups) == 0)
		return 0;
	/* One mapped id: the kernel denies setgroups for good; nothing is lost when no group was asked for. */
	return errno == EPERM && process->group_count == 0 ? 0 : -1;
}

static int become(const struct process_spec *process, struct failure *failure)
{
	uint64_t own = own_capabilities();
	uint64_t wanted = process->capabilities & own;
	uint64_t permitted = wanted | (kept_for_filter(process) & own);
	char id[24];

	if (drop_bounding_set(process->capabilities) < 0)
		return fail(failure, "capabilities", "bounding set", errno);
	snprintf(id, sizeof id, "%u:%u", process->uid, process->gid);
	if (set_groups(process) < 0)
		return fail(failure, "user", "supplementary groups", errno);
	if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setresgid(process->gid, process->gid, process->gid) < 0 ||
	    setresuid(process->uid, process->uid, process->uid) < 0 || prctl(PR_SET_KEEPCAPS, 0) < 0)
		return fail(failure, "user", id, errno);
	/* Effective as the program will have them, so that the folder and the program are looked up with its rights. */
	if (set_capabilities(permitted, process->uid == 0 ? wanted : 0) < 0)
		return fail(failure, "capabilities", NULL, errno);
	/* Changing ids may have made us dumpable by the container's own processes. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return fail(failure, "dumpable", NULL, errno);
	return 0;
}

static int place_stdio(const struct process_spec *process, const struct stdio *stdio, struct failure *failure)
{
	for (int i = 0; i < 3; i++) {
		/* The program may open /dev/stdout again under its own id. A null device belongs to nobody. */
		struct stat info;
		if (fstat(stdio->fds[i], &info) == 0 && S_ISFIFO(info.st_mode) &&
		    fchown(stdio->fds[i], process->uid, process->gid) < 0 && errno != EINVAL && errno != EPERM)
			return fail(failure, "stdio", NULL, errno);
		if (dup2(stdio->fds[i], i) < 0)
			return fail(failure, "stdio", NULL, errno);
	}
	if (process->tty && ioctl(0, TIOCSCTTY, 0) < 0)
		return fail(failure, "terminal", "controlling terminal", errno);
	/* CVE-2024-21626: from here on nothing of the host survives exec, whatever was open. */
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return fail(failure, "stdio", "close_range", errno);
	return 0;
}

static int enter_directory(const struct process_spec *process, struct failure *failure)
{
	CLEANUP_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int directory = root < 0 ? -1 : root_open(root, process->cwd, O_PATH | O_DIRECTORY, 0);
	char path[PATH_MAX];

	if (directory < 0 || fchdir(directory) < 0)
		return fail(failure, "cwd", process->cwd, errno);
	/* The system call says "(unreachable)" for a folder outside of the root; glibc turns that into ENOENT. */
	if (!getcwd(path, sizeof path) || path[0] != '/')
		return fail(failure, "cwd", process->cwd, errno ? errno : ENOENT);
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int oom_score_write(const struct process_spec *process, pid_t pid, struct failure *failure)
{
	char path[40], score[16];
	CLEANUP_FD int fd = -1;

	if (!process->has_oom_score_adj)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid);
	snprintf(score, sizeof score, "%d", process->oom_score_adj);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, score, strlen(score)) < 0)
		return fail(failure, "oom-score", score, errno);
	return 0;
}

/* Node and the holder raise their own limit of descriptors; the program starts with what kernels start programs with. */
static void default_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur <= 1024)
		return;
	files.rlim_cur = 1024;
	setrlimit(RLIMIT_NOFILE, &files);
}

int process_prepare(const struct process_spec *process, const struct stdio *stdio, struct failure *failure)
{
	reset_signals();
	umask(0022);
	setsid();
	if (place_stdio(process, stdio, failure) < 0)
		return -1;
	default_limits();
	for (size_t i = 0; i < process->rlimit_count; i++) {
		char name[16];
		snprintf(name, sizeof name, "%d", process->rlimits[i].resource);
		if (setrlimit((__rlimit_resource_t)process->rlimits[i].resource, &process->rlimits[i].limit) < 0)
			return fail(failure, "rlimit", name, errno);
	}
	/* Keyrings are not in any namespace: without a new one the program could read the caller's keys. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM && errno != EDQUOT)
		return fail(failure, "keyring", NULL, errno);
	if (become(process, failure) < 0)
		return -1;
	return enter_directory(process, failure);
}

static int drop_last_rights(const struct process_spec *process, struct failure *failure)
{
	uint64_t wanted = process->capabilities & own_capabilities();

	if (process->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(failure, "no-new-privileges", NULL, errno);
	if (process->filter.len) {
		uint64_t kept = wanted | kept_for_filter(process);
		if (set_capabilities(kept, kept) < 0)
			return fail(failure, "capabilities", NULL, errno);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &process->filter) < 0)
			return fail(failure, "seccomp", process->filter_path, errno);
	}
	return set_capabilities(wanted, wanted) < 0 ? fail(failure, "capabilities", NULL, errno) : 0;
}

int process_exec(const struct process_spec *process, const char *path, struct failure *failure)
{
	if (drop_last_rights(process, failure) < 0)
		return -1;
	execve(path, process->args.items, process->env.items);
	return fail(failure, "exec", process->args.items[0], errno);
}

static int own_program = -1;

int process_keep_init(void)
{
	own_program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	return own_program;
}

int process_exec_init(const struct process_spec *process, const char *path, struct failure *failure)
{
	size_t count = process->args.count;
	char **args = calloc(count + 4, sizeof *args);

	if (!args)
		return fail(failure, "exec", "init", ENOMEM);
	args[0] = (char *)"sampan-init";
	args[1] = (char *)"init";
	args[2] = (char *)path;
	memcpy(args + 3, process->args.items, count * sizeof *args);
	if (drop_last_rights(process, failure) == 0) {
		syscall(SYS_execveat, own_program, "", args, process->env.items, AT_EMPTY_PATH);
		fail(failure, "exec", "init", errno);
	}
	free(args);
	return -1;
}
