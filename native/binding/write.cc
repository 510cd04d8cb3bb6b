// Several small files written in one trip through a thread of libuv, as read.cc reads them.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "parts.h"
#include "thread.h"

namespace
{
struct Writing {
	std::string path;
	std::string content;
	bool exclusive;
	int error;
};
}

static int write_all(int fd, const std::string &content)
{
	for (size_t at = 0; at < content.size();) {
		ssize_t put = write(fd, content.data() + at, content.size() - at);

		if (put < 0 && errno != EINTR)
			return errno;
		at += put > 0 ? static_cast<size_t>(put) : 0;
	}
	return 0;
}

static void write_one(Writing &writing)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (writing.exclusive ? O_EXCL : O_TRUNC);
	int fd = open(writing.path.c_str(), flags, 0600);

	writing.error = fd < 0 ? errno : write_all(fd, writing.content);
	if (fd >= 0)
		close(fd);
}

static Napi::Value outcome(Napi::Env env, const Writing &writing)
{
	if (writing.error == 0)
		return env.Undefined();
	return to_js_error(env, SystemError{ writing.error, "write", writing.path }).Value();
}

namespace
{
class Writer : public Napi::AsyncWorker {
public:
	Writer(Napi::Env env, std::vector<Writing> writings)
		: Napi::AsyncWorker(env), writings(std::move(writings)), deferred(Napi::Promise::Deferred::New(env))
	{
	}

	Napi::Promise promise() const
	{
		return deferred.Promise();
	}

protected:
	void Execute() override
	{
		for (Writing &writing : writings)
			write_one(writing);
	}

	void OnOK() override
	{
		auto list = Napi::Array::New(Env(), writings.size());

		for (uint32_t i = 0; i < writings.size(); i++)
			list.Set(i, outcome(Env(), writings[i]));
		deferred.Resolve(list);
	}

private:
	std::vector<Writing> writings;
	Napi::Promise::Deferred deferred;
};
}

// writeFiles(files: { path, content, exclusive }[]): Promise<(undefined | Error)[]>, in order.
static Napi::Value write_files(const Napi::CallbackInfo &info)
{
	auto files = info[0].As<Napi::Array>();
	std::vector<Writing> writings;

	for (uint32_t i = 0; i < files.Length(); i++) {
		auto file = files.Get(i).As<Napi::Object>();
		writings.push_back({ file.Get("path").As<Napi::String>(), file.Get("content").As<Napi::String>(),
				     file.Get("exclusive").As<Napi::Boolean>(), 0 });
	}
	auto writer = new Writer(info.Env(), std::move(writings));
	Napi::Promise promise = writer->promise();
	writer->Queue();
	return promise;
}

void add_writing(Napi::Env env, Napi::Object exports)
{
	exports.Set("writeFiles", Napi::Function::New(env, write_files));
}
