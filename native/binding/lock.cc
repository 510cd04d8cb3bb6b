// flock(2), and fsync(2) of directories. A lock is an open file description, so it ends with the process.
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "parts.h"
#include "thread.h"

static int open_lock_file(const std::string &path)
{
	int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno == EISDIR)
		fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		throw SystemError{ errno, "open", path };
	return fd;
}

// The locked descriptor; -1 when `flags` has LOCK_NB and another holds the lock.
static int take_lock(const std::string &path, int flags)
{
	int fd = open_lock_file(path);

	while (flock(fd, flags) < 0) {
		int error = errno;
		if (error == EINTR)
			continue;
		close(fd);
		if (error == EWOULDBLOCK)
			return -1;
		throw SystemError{ error, "flock", path };
	}
	return fd;
}

// lock(path, exclusive, wait): Promise<fd | -1>
static Napi::Value lock(const Napi::CallbackInfo &info)
{
	std::string path = info[0].As<Napi::String>();
	bool exclusive = info[1].As<Napi::Boolean>(), wait = info[2].As<Napi::Boolean>();
	int flags = exclusive ? LOCK_EX : LOCK_SH;
	auto settled = Napi::Promise::Deferred::New(info.Env());

	// A lock that is free, nearly every one, is taken here: two system calls, where a thread costs twenty times that.
	try {
		int fd = take_lock(path, flags | LOCK_NB);
		if (fd >= 0 || !wait) {
			settled.Resolve(Napi::Number::New(info.Env(), fd));
			return settled.Promise();
		}
	} catch (const SystemError &error) {
		settled.Reject(to_js_error(info.Env(), error).Value());
		return settled.Promise();
	}
	return in_thread<int>(
		info.Env(), [path, flags] { return take_lock(path, flags); },
		[](Napi::Env env, int &fd) { return Napi::Number::New(env, fd); });
}

// unlock(fd)
static Napi::Value unlock(const Napi::CallbackInfo &info)
{
	close(info[0].As<Napi::Number>().Int32Value());
	return info.Env().Undefined();
}

static int sync_directory_at(const std::string &path)
{
	int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		throw SystemError{ errno, "open", path };
	if (fsync(fd) < 0)
		error = errno;
	close(fd);
	if (error)
		throw SystemError{ error, "fsync", path };
	return 0;
}

// syncDirectory(path): Promise<void>
static Napi::Value sync_directory(const Napi::CallbackInfo &info)
{
	std::string path = info[0].As<Napi::String>();

	return in_thread<int>(
		info.Env(), [path] { return sync_directory_at(path); },
		[](Napi::Env env, int &) { return env.Undefined(); });
}

void add_locks(Napi::Env env, Napi::Object exports)
{
	exports.Set("lock", Napi::Function::New(env, lock));
	exports.Set("unlock", Napi::Function::New(env, unlock));
	exports.Set("syncDirectory", Napi::Function::New(env, sync_directory));
}
