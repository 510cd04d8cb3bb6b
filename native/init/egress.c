#include "egress.h"

#include "holder.h"
#include "program.h"

#include "core/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where containers find a name server: both programs forward queries to it to the host's own resolver. */
#define DNS_ADDRESS "10.0.2.3"
#define READY_MS 5000
#define ARGUMENTS_MAX 32

static struct {
	pid_t pid;
	const char *name;
} running;

int egress_has_device(void)
{
	return access("/dev/net/tun", R_OK | W_OK) == 0;
}

const char *egress_kind(void)
{
	char path[PATH_MAX];

	if (!holder.rootless)
		return "direct";
	if (!egress_has_device())
		return "none";
	if (find_program("pasta", path, sizeof path))
		return "pasta";
	return find_program("slirp4netns", path, sizeof path) ? "slirp4netns" : "none";
}

/* In the child: keep only the standard descriptors and `ready` as number 3; end when the parent does. */
static _Noreturn void become(const char *program, const char *const *arguments, int ready)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (ready >= 0)
		dup2(ready, 3);
	close_range(ready >= 0 ? 4 : 3, ~0U, 0);
	/* We ignore it; pasta of 2023 takes an ignored SIGPIPE for a failure of signal(2). */
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execv(program, (char *const *)arguments);
	_exit(127);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* It says that it is ready by writing something to `fd`. */
static int wait_ready(int fd, pid_t pid)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	char byte;

	for (int waited = 0; waited < READY_MS; waited += 50) {
		if (poll(&polled, 1, 50) > 0 && read(fd, &byte, 1) == 1)
			return 0;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return -1;
	}
	end(pid);
	return -1;
}

/* pasta writes its pid file when everything is set up; a fifo tells us when. */
static pid_t start_pasta(const char *program, pid_t inside)
{
	char fifo[PATH_MAX], user[32], net[32];
	const char *arguments[ARGUMENTS_MAX] = {
		program, "--config-net", "--foreground", "--quiet", "--no-map-gw", "--dns-forward", DNS_ADDRESS,
		"-t", "none", "-u", "none", "-T", "none", "-U", "none", "--pid", fifo, "--userns", user, "--netns", net, NULL,
	};
	CLEANUP_FD int ready = -1;
	pid_t pid;

	snprintf(fifo, sizeof fifo, "%s/pasta.ready", holder.run);
	snprintf(user, sizeof user, "/proc/%d/ns/user", inside);
	snprintf(net, sizeof net, "/proc/%d/ns/net", inside);
	unlink(fifo);
	if (mkfifo(fifo, 0600) < 0)
		return -1;
	ready = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	pid = ready < 0 ? -1 : fork();
	if (pid == 0)
		become(program, arguments, -1);
	if (pid > 0 && wait_ready(ready, pid) < 0)
		pid = -1;
	unlink(fifo);
	return pid;
}

static pid_t start_slirp(const char *program, pid_t inside)
{
	char user[64], net[32];
	const char *arguments[ARGUMENTS_MAX] = {
		program, "--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3", user, "--netns-type=path", net,
		"tap0", NULL,
	};
	int ends[2];
	pid_t pid;

	snprintf(user, sizeof user, "--userns-path=/proc/%d/ns/user", inside);
	snprintf(net, sizeof net, "/proc/%d/ns/net", inside);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		become(program, arguments, ends[1]);
	close(ends[1]);
	if (pid > 0 && wait_ready(ends[0], pid) < 0)
		pid = -1;
	close(ends[0]);
	return pid;
}

const char *egress_start(pid_t inside)
{
	char program[PATH_MAX];

	if (running.pid > 0 && waitpid(running.pid, NULL, WNOHANG) == 0)
		return running.name;
	running.pid = -1;
	running.name = "pasta";
	if (!egress_has_device())
		return "none";
	if (find_program("pasta", program, sizeof program))
		running.pid = start_pasta(program, inside);
	/* pasta takes over the host's addresses and cannot do without any; slirp4netns has its own. */
	if (running.pid < 0 && find_program("slirp4netns", program, sizeof program)) {
		running.name = "slirp4netns";
		running.pid = start_slirp(program, inside);
	}
	return running.pid > 0 ? running.name : "none";
}

void egress_stop(void)
{
	if (running.pid > 0)
		end(running.pid);
}
