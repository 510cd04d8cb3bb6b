// Processes that are not our children: identity by start time, end by pidfd.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include <memory>

#include "parts.h"
#include "thread.h"

// Field 22 of /proc/<pid>/stat (proc(5)); empty when there is no such process. The name in field 2 may
// hold spaces and parentheses: the last ')' ends it.
static std::string start_time_of(int pid)
{
	char path[64], text[4096];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return "";
	ssize_t size = read(fd, text, sizeof text - 1);
	close(fd);
	if (size <= 0)
		return "";
	text[size] = 0;
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? std::string(at + 1, strcspn(at + 1, " ")) : "";
}

// startTime(pid): string | undefined
static Napi::Value start_time(const Napi::CallbackInfo &info)
{
	std::string text = start_time_of(info[0].As<Napi::Number>().Int32Value());

	return text.empty() ? info.Env().Undefined() : Napi::String::New(info.Env(), text);
}

namespace
{
// One awaited process: a poll handle of Node's own loop, so a thousand of them cost no thread.
struct Watch {
	uv_poll_t handle;
	int fd;
	Napi::Env env;
	Napi::Promise::Deferred deferred;
	// The loop's own hold; empty once the handle is closed.
	std::shared_ptr<Watch> self;
	bool settled = false;

	Watch(Napi::Env env, int fd) : fd(fd), env(env), deferred(Napi::Promise::Deferred::New(env))
	{
		handle.data = this;
	}
};
}

static void settle(Watch *watch, bool ended)
{
	if (watch->settled)
		return;
	watch->settled = true;
	uv_poll_stop(&watch->handle);
	watch->deferred.Resolve(Napi::Boolean::New(watch->env, ended));
	uv_close(reinterpret_cast<uv_handle_t *>(&watch->handle), [](uv_handle_t *handle) {
		Watch *watch = static_cast<Watch *>(handle->data);
		close(watch->fd);
		watch->self.reset();
	});
}

static void on_readable(uv_poll_t *handle, int, int)
{
	Watch *watch = static_cast<Watch *>(handle->data);
	Napi::HandleScope handles(watch->env);
	Napi::CallbackScope callbacks(watch->env, Napi::AsyncContext(watch->env, "sampan:process"));

	settle(watch, true);
}

static Napi::Object watch_object(Napi::Env env, const std::shared_ptr<Watch> &watch)
{
	Napi::Object result = Napi::Object::New(env);

	result.Set("ended", watch->deferred.Promise());
	result.Set("stop", Napi::Function::New(env, [watch](const Napi::CallbackInfo &info) {
			   settle(watch.get(), false);
			   return info.Env().Undefined();
		   }));
	return result;
}

// watch(pid, startTime): { ended: Promise<boolean>, stop() } or undefined when that process is gone already.
// A pidfd is opened first and compared after, so a pid that was used again is never taken for the old one.
static Napi::Value watch(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	int pid = info[0].As<Napi::Number>().Int32Value();
	std::string expected = info[1].As<Napi::String>();
	int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
	uv_loop_t *loop = nullptr;

	if (fd < 0) {
		if (errno == ESRCH)
			return env.Undefined();
		throw to_js_error(env, { errno, "pidfd_open", std::to_string(pid) });
	}
	if (start_time_of(pid) != expected) {
		close(fd);
		return env.Undefined();
	}
	napi_get_uv_event_loop(env, &loop);
	auto made = std::make_shared<Watch>(env, fd);
	int status = uv_poll_init(loop, &made->handle, fd);
	if (status < 0) {
		close(fd);
		throw to_js_error(env, { -status, "poll", std::to_string(pid) });
	}
	made->self = made;
	uv_poll_start(&made->handle, UV_READABLE, on_readable);
	return watch_object(env, made);
}

// peerUser(fd): the user at the other end of a connected Unix socket, unix(7).
static Napi::Value peer_user(const Napi::CallbackInfo &info)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	int fd = info[0].As<Napi::Number>().Int32Value();

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		throw to_js_error(info.Env(), { errno, "getsockopt", "" });
	return Napi::Number::New(info.Env(), peer.uid);
}

void add_processes(Napi::Env env, Napi::Object exports)
{
	exports.Set("startTime", Napi::Function::New(env, start_time));
	exports.Set("peerUser", Napi::Function::New(env, peer_user));
	exports.Set("watch", Napi::Function::New(env, watch));
}
