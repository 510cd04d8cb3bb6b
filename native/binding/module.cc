// sampan.node: what Node cannot do itself. Converts arguments and runs core calls off the main thread; no policy.
#include <string.h>

#include "core/errno_name.h"
#include "parts.h"
#include "thread.h"

Napi::Error to_js_error(Napi::Env env, const SystemError &error)
{
	const char *code = errno_name(error.number);
	const char *words = strerror(error.number);
	std::string message = std::string(code) + ": " + (words ? words : "unknown error") +
			      ", " + error.syscall + (error.path.empty() ? "" : " '" + error.path + "'");
	Napi::Error result = Napi::Error::New(env, message);

	result.Set("code", Napi::String::New(env, code));
	result.Set("errno", Napi::Number::New(env, -error.number));
	result.Set("syscall", Napi::String::New(env, error.syscall));
	if (!error.path.empty())
		result.Set("path", Napi::String::New(env, error.path));
	return result;
}

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	add_locks(env, exports);
	add_processes(env, exports);
	add_scan(env, exports);
	add_hashes(env, exports);
	add_reading(env, exports);
	add_writing(env, exports);
	return exports;
}

NODE_API_MODULE(sampan, init)
