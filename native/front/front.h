/* The command's front: `sampan` as people start it. What it says to a command server is in native/WIRE.md. */
#ifndef SAMPAN_FRONT_H
#define SAMPAN_FRONT_H

enum front_type {
	FRONT_COMMAND = 1, /* front: the command line and where it was typed */
	FRONT_ACCEPT = 2,  /* server: the command begins */
	FRONT_STDOUT = 3,  /* server: bytes to write */
	FRONT_STDERR = 4,
	FRONT_READ = 5,	   /* server: some of stdin, please */
	FRONT_STDIN = 6,   /* front: that; empty at its end */
	FRONT_SIGNAL = 7,  /* front: a signal came */
	FRONT_DEFAULT = 8, /* server: nobody listens for that signal; do what it does to a program */
	FRONT_BROKEN = 9,  /* front: the reader of a stream has gone */
	FRONT_EXIT = 10,   /* server: the end, with its code */
	FRONT_DECLINE = 11, /* server, also after it accepted: nothing was done; run the command yourself */
};

/* Fills `path` with the socket of the command server; -1 when this environment has no usable one. */
int socket_path(char *path, unsigned long size);
/* Connects to a server of our own user, which is started when there is none. -1 without one. */
int connect_server(const char *launcher, const char *path);
/* Sends the command. 0 or -1. */
int send_command(int server, const char *launcher, char **args);
/* Serves the streams and signals of the command; exits with its code, or returns when the server declines it. */
void relay(int server);

/* Replaces this process by Node on the launcher. */
_Noreturn void run_node(const char *launcher, char **args);

#endif
