/* The operation that tells of changes to one file or directory of a mounted rootfs until the session ends. */
#include "fs.h"

#include "core/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint32_t changes = IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
static const uint32_t ends = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

static const char *kind_of(uint32_t mask)
{
	if (mask & IN_UNMOUNT)
		return "unmounted";
	if (mask & (IN_CREATE | IN_MOVED_TO))
		return "created";
	return mask & (IN_DELETE | IN_MOVED_FROM | ends) ? "deleted" : "changed";
}

/* Send what has been read so far. 0 or -1 with errno. */
static int tell(struct fs_session *session, const char *kind, const char *name)
{
	struct fs_records records = { .session = session };
	struct wire_fields fields = { 0 };
	int result;

	wire_add(&fields, "kind", kind);
	wire_add(&fields, "name", name);
	result = fs_records_add(&records, &fields);
	wire_fields_free(&fields);
	return fs_records_end(&records) < 0 ? -1 : result;
}

/* 1: what was watched is gone; 0 or -1 with errno. */
static int tell_events(struct fs_session *session, int notify)
{
	char buffer[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t size = read(notify, buffer, sizeof buffer);
	int ended = 0;

	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	for (ssize_t at = 0; at < size;) {
		const struct inotify_event *event = (const void *)(buffer + at);
		ended |= (event->mask & ends) != 0;
		/* The end of the watch itself says nothing new. */
		if (!(event->mask & IN_IGNORED) && tell(session, kind_of(event->mask), event->len > 0 ? event->name : "") < 0)
			return -1;
		at += (ssize_t)(sizeof *event + event->len);
	}
	return ended;
}

static int open_watch(int root, const char *path)
{
	CLEANUP_FD int place = root_open(root, path, O_PATH, 0);
	CLEANUP_FD int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char link[32];
	int opened = notify;

	if (place < 0 || notify < 0)
		return -1;
	/* The very file that the path led to inside the root. */
	snprintf(link, sizeof link, "/proc/self/fd/%d", place);
	if (inotify_add_watch(notify, link, changes) < 0)
		return -1;
	notify = -1;
	return opened;
}

/*
 * mount, path (links are followed). Data: records of `kind` (`ready` once, then `created`, `changed`, `deleted`, `unmounted`) and
 * `name` in the directory, empty for the path itself. The result comes when it is gone.
 * All mounts of the session are let go: nobody's file system stays mounted for being watched.
 */
FS_OP(fs_watch)
{
	CLEANUP_FREE char *path = fs_text(request, "path", failure);
	int root = path ? fs_mounted(session, request, "mount", failure) : -1;
	CLEANUP_FD int notify = -1;
	int ended = 0;

	(void)result;
	if (root < 0)
		return -1;
	notify = open_watch(root, path);
	if (notify < 0)
		return fail(failure, "watch", path, errno);
	fs_drop_mounts(session);
	if (tell(session, "ready", "") < 0)
		return fail(failure, "write", path, errno);
	while (ended == 0) {
		struct pollfd polled[] = { { .fd = notify, .events = POLLIN }, { .fd = session->fd, .events = POLLRDHUP } };
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			return fail(failure, "poll", path, errno);
		if (polled[1].revents)
			return fail(failure, "watch", path, ECANCELED);
		if (polled[0].revents)
			ended = tell_events(session, notify);
	}
	return ended < 0 ? fail(failure, "watch", path, errno) : 0;
}
