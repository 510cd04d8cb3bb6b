// What a new compiler takes from new C and C++ libraries, here instead: the addon runs on glibc 2.28 and the
// libstdc++ of GCC 8, as VS Code does. test/native/portable.test.ts reads what the built addon asks for.
//
// libstdc++ itself stays shared: a static one needs the thread functions and the unwinder of the glibc it was built on.
#include <new>

#define HERE __attribute__((visibility("hidden")))

// glibc 2.32: whether reference counts may do without atomic operations. Node has threads, always.
extern "C" {
extern HERE char __libc_single_threaded;
char __libc_single_threaded = 0;
}

// GCC 11: what an allocator throws for a size that no memory has.
namespace std
{
HERE void __throw_bad_array_new_length()
{
	throw std::bad_array_new_length();
}
}
