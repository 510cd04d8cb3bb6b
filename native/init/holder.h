/* The process that containers are born in; see ARCHITECTURE.md, Processes. */
#ifndef SAMPAN_HOLDER_H
#define SAMPAN_HOLDER_H

struct holder {
	/* SAMPAN_RUN and SAMPAN_ROOT. */
	const char *run;
	const char *root;
	/* Seconds without connection and child until it leaves. */
	int idle_seconds;
	/* Answer to the starter (one wire message), or -1. */
	int ready;
	/* In a user namespace of our own. */
	int rootless;
	/* Socket to the process outside of the namespaces (rootless), or -1. */
	int outside;
};

/* The one of this process and, by fork, of its sessions. */
extern struct holder holder;

/* Start a holder, or wait for the one that another starter is starting; the caller's process ends at once. */
int holder_start(void);

/* True when a holder accepts connections on the socket of that runtime folder. */
int holder_answers(const char *run);

/* Accept sessions until idle. Entered in the namespaces, `lock` held; returns the exit code. */
int holder_serve(int lock);

/* Name this process for ps and top: /proc/self/comm and the command line. */
void process_title(const char *title);
/* Remember where argv lives; called once by main. */
void process_title_init(int argc, char **argv);

#endif
