// sha256 of many files of one directory, on a few threads.
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "core/sha256.h"
#include "parts.h"
#include "thread.h"

namespace
{
struct Job {
	std::string root;
	std::vector<std::string> paths;
	// SHA256_SIZE bytes per path.
	std::vector<uint8_t> digests;
	std::atomic<size_t> next{ 0 };
	std::mutex failing;
	std::optional<SystemError> error;
};

struct Descriptor {
	int fd;
	explicit Descriptor(int fd) : fd(fd) {}
	Descriptor(const Descriptor &) = delete;
	~Descriptor()
	{
		if (fd >= 0)
			close(fd);
	}
};
}

// A link in the path is refused: what was listed as a file is read as that file or not at all.
static int open_beneath(int root, const char *path)
{
	struct open_how how = {};

	how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	return static_cast<int>(syscall(SYS_openat2, root, path, &how, sizeof how));
}

static void hash_file(int root, const std::string &path, std::vector<uint8_t> &buffer, uint8_t *digest)
{
	Descriptor file(open_beneath(root, path.c_str()));
	struct statx info;
	struct sha256 hash;

	if (file.fd < 0 || statx(file.fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) < 0)
		throw SystemError{ errno, "open", path };
	if (!S_ISREG(info.stx_mode))
		throw SystemError{ EINVAL, "read", path };
	sha256_start(&hash);
	for (;;) {
		ssize_t got = read(file.fd, buffer.data(), buffer.size());
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			throw SystemError{ errno, "read", path };
		if (got == 0)
			break;
		sha256_add(&hash, buffer.data(), static_cast<size_t>(got));
	}
	sha256_finish(&hash, digest);
}

static void hash_some(Job &job, int root)
{
	std::vector<uint8_t> buffer(256 * 1024);

	try {
		for (size_t i = job.next++; i < job.paths.size(); i = job.next++)
			hash_file(root, job.paths[i], buffer, job.digests.data() + i * SHA256_SIZE);
	} catch (const SystemError &error) {
		std::lock_guard<std::mutex> guard(job.failing);
		job.error = error;
		job.next = job.paths.size();
	}
}

static std::vector<uint8_t> hash_all(Job &job)
{
	Descriptor root(open(job.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
	size_t count = std::min<size_t>({ std::max(1u, std::thread::hardware_concurrency()), 8,
					  job.paths.size() / 8 + 1 });
	std::vector<std::thread> others;

	if (root.fd < 0)
		throw SystemError{ errno, "open", job.root };
	job.digests.resize(job.paths.size() * SHA256_SIZE);
	for (size_t i = 1; i < count; i++)
		others.emplace_back([&job, &root] { hash_some(job, root.fd); });
	hash_some(job, root.fd);
	for (auto &other : others)
		other.join();
	if (job.error)
		throw *job.error;
	return std::move(job.digests);
}

// hashFiles(root, paths): Promise<Buffer>, 32 bytes for each path in order. Paths are strings or buffers.
static Napi::Value hash_files(const Napi::CallbackInfo &info)
{
	auto job = std::make_shared<Job>();
	auto list = info[1].As<Napi::Array>();

	job->root = info[0].As<Napi::String>();
	for (uint32_t i = 0; i < list.Length(); i++) {
		Napi::Value path = list[i];
		if (path.IsBuffer()) {
			auto bytes = path.As<Napi::Buffer<char>>();
			job->paths.emplace_back(bytes.Data(), bytes.Length());
		} else
			job->paths.push_back(path.As<Napi::String>());
	}
	return in_thread<std::vector<uint8_t>>(
		info.Env(), [job] { return hash_all(*job); },
		[](Napi::Env env, std::vector<uint8_t> &digests) {
			return Napi::Buffer<uint8_t>::Copy(env, digests.data(), digests.size());
		});
}

void add_hashes(Napi::Env env, Napi::Object exports)
{
	exports.Set("hashFiles", Napi::Function::New(env, hash_files));
}
