// Work that may block for long: a thread of its own, not one of libuv's four, which files and DNS share.
#ifndef SAMPAN_THREAD_H
#define SAMPAN_THREAD_H

#include <napi.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

// A failed system call, as Node reports its own: `code`, `syscall`, `path`.
struct SystemError {
	int number;
	std::string syscall;
	std::string path;
};

Napi::Error to_js_error(Napi::Env env, const SystemError &error);

// Runs `work` on a new thread and settles the promise with `convert` of its value on the main one.
// `work` throws SystemError to reject.
template <class T>
Napi::Promise in_thread(Napi::Env env, std::function<T()> work, std::function<Napi::Value(Napi::Env, T &)> convert)
{
	struct Job {
		Napi::Promise::Deferred deferred;
		std::function<Napi::Value(Napi::Env, T &)> convert;
		std::optional<T> value;
		std::optional<SystemError> error;
	};
	auto job = new Job{ Napi::Promise::Deferred::New(env), std::move(convert), {}, {} };
	Napi::Promise promise = job->deferred.Promise();
	auto idle = Napi::Function::New(env, [](const Napi::CallbackInfo &) {});
	auto done = Napi::ThreadSafeFunction::New(env, idle, "sampan", 0, 1);

	std::thread([job, done, work = std::move(work)] {
		try {
			job->value = work();
		} catch (const SystemError &error) {
			job->error = error;
		}
		done.BlockingCall(job, [](Napi::Env env, Napi::Function, Job *job) {
			std::unique_ptr<Job> owned(job);
			if (job->error)
				job->deferred.Reject(to_js_error(env, *job->error).Value());
			else
				job->deferred.Resolve(job->convert(env, *job->value));
		});
		done.Release();
	}).detach();
	return promise;
}

#endif
