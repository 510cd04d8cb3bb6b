// Several small files in one trip through a thread of libuv: what an act on a container costs is such trips.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "parts.h"
#include "thread.h"

namespace
{
struct Reading {
	std::string path;
	std::string content;
	int error;
};
}

static int read_all(int fd, std::string &content)
{
	char chunk[8192];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof chunk)) != 0) {
		if (got > 0)
			content.append(chunk, static_cast<size_t>(got));
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

static void read_one(Reading &reading)
{
	int fd = open(reading.path.c_str(), O_RDONLY | O_CLOEXEC);

	reading.error = fd < 0 ? errno : read_all(fd, reading.content);
	if (fd >= 0)
		close(fd);
}

static Napi::Value outcome(Napi::Env env, const Reading &reading)
{
	if (reading.error == ENOENT)
		return env.Undefined();
	if (reading.error)
		return to_js_error(env, SystemError{ reading.error, "read", reading.path }).Value();
	return Napi::String::New(env, reading.content);
}

namespace
{
class Reader : public Napi::AsyncWorker {
public:
	Reader(Napi::Env env, std::vector<Reading> readings)
		: Napi::AsyncWorker(env), readings(std::move(readings)), deferred(Napi::Promise::Deferred::New(env))
	{
	}

	Napi::Promise promise() const
	{
		return deferred.Promise();
	}

protected:
	void Execute() override
	{
		for (Reading &reading : readings)
			read_one(reading);
	}

	void OnOK() override
	{
		auto list = Napi::Array::New(Env(), readings.size());

		for (uint32_t i = 0; i < readings.size(); i++)
			list.Set(i, outcome(Env(), readings[i]));
		deferred.Resolve(list);
	}

private:
	std::vector<Reading> readings;
	Napi::Promise::Deferred deferred;
};
}

// readFiles(paths): Promise<(string | undefined | Error)[]>, in order; undefined where there is no such file.
static Napi::Value read_files(const Napi::CallbackInfo &info)
{
	auto paths = info[0].As<Napi::Array>();
	std::vector<Reading> readings;

	for (uint32_t i = 0; i < paths.Length(); i++)
		readings.push_back({ paths.Get(i).As<Napi::String>(), {}, 0 });
	auto reader = new Reader(info.Env(), std::move(readings));
	Napi::Promise promise = reader->promise();
	reader->Queue();
	return promise;
}

void add_reading(Napi::Env env, Napi::Object exports)
{
	exports.Set("readFiles", Napi::Function::New(env, read_files));
}
