#include "container.h"
#include "sync.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void start_program(const struct process_spec *process, const char *path, int sync)
{
	struct sync_message message = { .kind = SYNC_FAILED };
	sigset_t none;

	/* A group of its own in the foreground, so that the terminal's ^C reaches the program and not its init. */
	setpgid(0, 0);
	if (process->tty) {
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	process_exec(process, path, &message.failure);
	sync_send(sync, &message, -1);
	_exit(127);
}

/* Reap all that ended; the exit code once the program itself has, -1 before. */
static int reap(pid_t program)
{
	int status, code = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program)
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return code;
}

_Noreturn void init_run(const struct process_spec *process, const char *path, int sync)
{
	sigset_t all;
	pid_t program;

	/* Taken one by one with sigwaitinfo; blocked before the fork so that none is lost. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	program = fork();
	if (program < 0)
		_exit(126);
	if (program == 0)
		start_program(process, path, sync);
	/* Never exec'ed, so close-on-exec does nothing here: the standard descriptors belong to the program too. */
	close_range(0, ~0U, 0);
	for (;;) {
		siginfo_t info;
		int number = sigwaitinfo(&all, &info);
		int code;

		if (number == SIGCHLD) {
			code = reap(program);
			if (code >= 0)
				_exit(code);
		} else if (number > 0 && number != SIGTTIN && number != SIGTTOU) {
			kill(program, number);
		}
	}
}
