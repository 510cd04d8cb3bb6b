// The entries of a build context, read on a thread of its own.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "core/sha256.h"
#include "parts.h"
#include "thread.h"

namespace
{
struct Scan {
	std::unordered_set<std::string> prune;
	// Records one after another, see `add_entry`; at the end i64 latest ctime ns and the sha256 of all before.
	std::string out;
	int64_t latest_change = INT64_MIN;
};
}

template <class T> static void put(std::string &out, T value)
{
	out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

static void put_text(std::string &out, const std::string &text)
{
	put(out, static_cast<uint32_t>(text.size()));
	out += text;
}

static int64_t nanoseconds(const struct statx_timestamp &time)
{
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

// One record, numbers in the machine's order: u32 st_mode, u32 links, u64 size, i64 mtime ns, i64 ctime ns,
// u64 device, u64 inode, path and link target each as u32 length and bytes. `engine/native.ts` reads it.
static void add_entry(Scan &scan, const struct statx &info, const std::string &path, const std::string &target)
{
	put(scan.out, static_cast<uint32_t>(info.stx_mode));
	put(scan.out, static_cast<uint32_t>(info.stx_nlink));
	put(scan.out, static_cast<uint64_t>(info.stx_size));
	put(scan.out, nanoseconds(info.stx_mtime));
	put(scan.out, nanoseconds(info.stx_ctime));
	scan.latest_change = std::max(scan.latest_change, nanoseconds(info.stx_ctime));
	put(scan.out, static_cast<uint64_t>(makedev(info.stx_dev_major, info.stx_dev_minor)));
	put(scan.out, static_cast<uint64_t>(info.stx_ino));
	put_text(scan.out, path);
	put_text(scan.out, target);
}

static std::string link_target(int directory, const char *name, const std::string &path)
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(directory, name, target, sizeof target);

	if (size < 0)
		throw SystemError{ errno, "readlink", path };
	return std::string(target, static_cast<size_t>(size));
}

static std::vector<std::string> sorted_names(DIR *directory)
{
	std::vector<std::string> names;

	while (struct dirent *entry = readdir(directory))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			names.emplace_back(entry->d_name);
	std::sort(names.begin(), names.end());
	return names;
}

static void scan_directory(Scan &scan, int fd, const std::string &prefix);

static void scan_entry(Scan &scan, int parent, const std::string &name, const std::string &path)
{
	struct statx info;

	if (statx(parent, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) < 0) {
		if (errno == ENOENT) // gone since the directory was read
			return;
		throw SystemError{ errno, "stat", path };
	}
	add_entry(scan, info, path, S_ISLNK(info.stx_mode) ? link_target(parent, name.c_str(), path) : "");
	if (!S_ISDIR(info.stx_mode) || scan.prune.count(path))
		return;
	int fd = openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		throw SystemError{ errno, "open", path };
	scan_directory(scan, fd, path + "/");
}

// Closes fd.
static void scan_directory(Scan &scan, int fd, const std::string &prefix)
{
	std::unique_ptr<DIR, int (*)(DIR *)> directory(fdopendir(fd), closedir);

	if (!directory) {
		close(fd);
		throw SystemError{ ENOMEM, "opendir", prefix };
	}
	for (const auto &name : sorted_names(directory.get()))
		scan_entry(scan, dirfd(directory.get()), name, prefix + name);
}

static void add_summary(Scan &scan)
{
	struct sha256 hash;
	uint8_t digest[SHA256_SIZE];

	put(scan.out, scan.latest_change);
	sha256_start(&hash);
	sha256_add(&hash, scan.out.data(), scan.out.size());
	sha256_finish(&hash, digest);
	scan.out.append(reinterpret_cast<const char *>(digest), sizeof digest);
}

static std::string scan_root(const std::string &root, Scan &scan)
{
	int fd = open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		throw SystemError{ errno, "open", root };
	scan_directory(scan, fd, "");
	add_summary(scan);
	return std::move(scan.out);
}

// scan(root, prune: string[]): Promise<Buffer> of records and their summary. A pruned directory is listed but not entered.
static Napi::Value scan(const Napi::CallbackInfo &info)
{
	auto scan = std::make_shared<Scan>();
	std::string root = info[0].As<Napi::String>();
	auto prune = info[1].As<Napi::Array>();

	for (uint32_t i = 0; i < prune.Length(); i++)
		scan->prune.insert(prune.Get(i).As<Napi::String>());
	return in_thread<std::string>(
		info.Env(), [root, scan] { return scan_root(root, *scan); },
		[](Napi::Env env, std::string &out) { return Napi::Buffer<char>::Copy(env, out.data(), out.size()); });
}

void add_scan(Napi::Env env, Napi::Object exports)
{
	exports.Set("scan", Napi::Function::New(env, scan));
}
