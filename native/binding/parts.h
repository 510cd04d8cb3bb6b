// What each file of the binding adds to the module.
#ifndef SAMPAN_PARTS_H
#define SAMPAN_PARTS_H

#include <napi.h>

void add_locks(Napi::Env env, Napi::Object exports);
void add_processes(Napi::Env env, Napi::Object exports);
void add_scan(Napi::Env env, Napi::Object exports);
void add_hashes(Napi::Env env, Napi::Object exports);
void add_reading(Napi::Env env, Napi::Object exports);
void add_writing(Napi::Env env, Napi::Object exports);

#endif
