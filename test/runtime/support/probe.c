/*
 * What a container's process may ask of the kernel, asked. Usage: probe calls | writable DIR… | join | session | push | euid
 * One line per question: its name and the name of the error, `ok` when the kernel did it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Arguments are harmless where a call should be answered after all: bad descriptors and pointers. */
struct call {
	const char *name;
	long number;
	long arguments[6];
};

#define X32_BIT 0x40000000L

static const struct call calls[] = {
	{ "mount", SYS_mount, { 0 } },
	{ "umount2", SYS_umount2, { 0 } },
	{ "pivot_root", SYS_pivot_root, { 0 } },
	{ "fsopen", 430, { 0 } },
	{ "fsconfig", 431, { -1 } },
	{ "fsmount", 432, { -1 } },
	{ "open_tree", 428, { -1 } },
	{ "move_mount", 429, { -1, 0, -1 } },
	{ "mount_setattr", 442, { -1 } },
	{ "unshare-user", SYS_unshare, { CLONE_NEWUSER } },
	{ "unshare-mount", SYS_unshare, { CLONE_NEWNS } },
	{ "unshare-network", SYS_unshare, { CLONE_NEWNET } },
	{ "setns", SYS_setns, { -1 } },
	{ "clone-user", SYS_clone, { CLONE_NEWUSER | SIGCHLD } },
	{ "clone-mount", SYS_clone, { CLONE_NEWNS | SIGCHLD } },
	{ "clone3", SYS_clone3, { 0 } },
	{ "keyctl", SYS_keyctl, { KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING } },
	{ "add_key", SYS_add_key, { 0 } },
	{ "request_key", SYS_request_key, { 0 } },
	{ "bpf", SYS_bpf, { 0 } },
	{ "perf_event_open", SYS_perf_event_open, { 0 } },
	{ "io_uring_setup", 425, { 0 } },
	{ "io_uring_enter", 426, { -1 } },
	{ "io_uring_register", 427, { -1 } },
	{ "userfaultfd", SYS_userfaultfd, { 0 } },
	{ "kexec_load", SYS_kexec_load, { 0 } },
	{ "init_module", SYS_init_module, { 0 } },
	{ "finit_module", SYS_finit_module, { -1 } },
	{ "delete_module", SYS_delete_module, { 0 } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { -1 } },
	{ "kcmp", SYS_kcmp, { -1, -1 } },
	{ "syslog", SYS_syslog, { 3 } },
	{ "reboot", SYS_reboot, { 0 } },
	{ "swapon", SYS_swapon, { 0 } },
	{ "settimeofday", SYS_settimeofday, { 1 } },
	{ "personality-no-randomize", SYS_personality, { 0x0040000 } },
	{ "quotactl", SYS_quotactl, { 0 } },
	{ "acct", SYS_acct, { 1 } },
	{ "pidfd_getfd", 438, { -1 } },
	{ "process_madvise", 440, { -1 } },
	{ "set_mempolicy", SYS_set_mempolicy, { 0 } },
	{ "vhangup", SYS_vhangup, { 0 } },
	{ "fanotify_init", SYS_fanotify_init, { 0 } },
	{ "sethostname", SYS_sethostname, { 1, 1 } },
	{ "vsock", SYS_socket, { AF_VSOCK, SOCK_STREAM } },
	{ "alg", SYS_socket, { AF_ALG, SOCK_SEQPACKET } },
	{ "raw-packet", SYS_socket, { AF_INET, SOCK_RAW, 1 } },
	{ "memfd_secret", 447, { 0xffff } },
	{ "newer-than-all", 1000, { 0 } },
#ifdef __x86_64__
	{ "iopl", SYS_iopl, { 3 } },
	{ "modify_ldt", SYS_modify_ldt, { 0 } },
	{ "x32-mount", X32_BIT | SYS_mount, { 0 } },
	{ "x32-unshare", X32_BIT | SYS_unshare, { CLONE_NEWUSER } },
	{ "x32-bpf", X32_BIT | SYS_bpf, { 0 } },
	{ "x32-clone3", X32_BIT | SYS_clone3, { 0 } },
	{ "x32-keyctl", X32_BIT | SYS_keyctl, { 0 } },
#endif
};

static void answer(const char *name, long result, int error)
{
	printf("%s %s\n", name, result >= 0 ? "ok" : strerrorname_np(error));
}

/* In a child: what succeeds must not change the next question, and a filter may kill. */
static void ask(const struct call *call)
{
	const long *a = call->arguments;
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		long result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
		answer(call->name, result, errno);
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("%s signal-%d\n", call->name, WTERMSIG(status));
}

#ifdef __x86_64__
/* The gate of 32-bit programs, whose numbers are others (asm/unistd_32.h). */
static void ask_32(const char *name, int number, int first)
{
	int result;
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
		answer(name, result, -result);
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("%s signal-%d\n", name, WTERMSIG(status));
}
#endif

static int ask_all(void)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		ask(&calls[i]);
#ifdef __x86_64__
	ask_32("i386-mount", 21, 0);
	ask_32("i386-unshare", 310, CLONE_NEWUSER);
	ask_32("i386-clone", 120, CLONE_NEWUSER | SIGCHLD);
	ask_32("i386-clone3", 435, 0);
	ask_32("i386-bpf", 357, 0);
	ask_32("i386-keyctl", 288, 0);
	ask_32("i386-vm86", 166, 0);
#endif
	return 0;
}

/*
 * Every file below that the kernel takes writes to (a write bit in its mode) and that can be opened for it; the folders
 * of processes are left out.
 */
static void find_writable(const char *directory)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *listing = opendir(directory);

	while (listing && (entry = readdir(listing))) {
		struct stat info;
		int fd;
		if (entry->d_name[0] == '.' || (strcmp(directory, "/proc") == 0 && entry->d_name[0] <= '9'))
			continue;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (lstat(path, &info) < 0 || S_ISLNK(info.st_mode))
			continue;
		if (S_ISDIR(info.st_mode)) {
			find_writable(path);
			continue;
		}
		if (!S_ISREG(info.st_mode) || !(info.st_mode & 0222))
			continue;
		fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
		if (fd >= 0)
			printf("%s\n", path), close(fd);
	}
	if (listing)
		closedir(listing);
}

/* The namespaces of pid 1 by its files, the only ones that a container has. */
static int join_first(void)
{
	static const char *const names[] = { "user", "mnt", "net", "ipc", "uts", "cgroup", "pid" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[64];
		int fd, result;
		snprintf(path, sizeof path, "/proc/1/ns/%s", names[i]);
		fd = open(path, O_RDONLY);
		result = fd < 0 ? -1 : setns(fd, 0);
		answer(names[i], result, errno);
	}
	return 0;
}

/* Serial number of the session keyring, and how many keys are in it. */
static int session_keyring(void)
{
	long serial = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	long size = syscall(SYS_keyctl, KEYCTL_READ, serial, NULL, 0);

	printf("%ld %ld\n", serial, size);
	return 0;
}

/* TIOCSTI: typing into the terminal that is ours. */
static int push_input(void)
{
	for (const char *at = "pushed\n"; *at; at++)
		if (ioctl(0, TIOCSTI, at) < 0)
			return answer("push", -1, errno), 0;
	answer("push", 0, 0);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (strcmp(mode, "calls") == 0)
		return ask_all();
	if (strcmp(mode, "join") == 0)
		return join_first();
	if (strcmp(mode, "session") == 0)
		return session_keyring();
	if (strcmp(mode, "push") == 0)
		return push_input();
	if (strcmp(mode, "euid") == 0)
		return printf("%u\n", geteuid()) < 0;
	if (strcmp(mode, "writable") != 0)
		return 2;
	for (int i = 2; i < argc; i++)
		find_writable(argv[i]);
	return 0;
}
