#include "pid1.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void start_program(const char *path, char *const *args)
{
	sigset_t none;

	/* A group of its own in the foreground, so that the terminal's ^C reaches the program and not its init. */
	setpgid(0, 0);
	if (isatty(0)) {
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(path, args);
	fprintf(stderr, "exec %s: %s\n", args[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : errno == EACCES ? 126 : 255);
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

int pid1_main(const char *path, char *const *args)
{
	sigset_t all;
	pid_t program;

	prctl(PR_SET_NAME, "sampan-init");
	/* Taken one by one with sigwaitinfo; blocked before the fork so that none is lost. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	program = fork();
	if (program < 0)
		return 126;
	if (program == 0)
		start_program(path, args);
	/* The standard descriptors belong to the program: an end of input or output must not be held up here. */
	close_range(0, ~0U, 0);
	for (;;) {
		siginfo_t info;
		int number = sigwaitinfo(&all, &info);
		int code = number == SIGCHLD ? reap(program) : -1;

		if (code >= 0)
			return code;
		if (number > 0 && number != SIGCHLD && number != SIGTTIN && number != SIGTTOU)
			kill(program, number);
	}
}
