{
  "target_defaults": {
    "cflags": ["-O2", "-g1", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"],
    "cflags_c": ["-std=gnu11"],
    "defines": ["_GNU_SOURCE"]
  },
  "targets": [
    {
      "target_name": "core",
      "type": "static_library",
      "cflags": ["-fPIC"],
      "sources": ["<!@(printf '%s\\n' native/core/*.c)"]
    },
    {
      "target_name": "sampan",
      "dependencies": ["core"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "native"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-fexceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "sources": ["<!@(printf '%s\\n' native/binding/*.cc)"]
    },
    {
      "target_name": "sampan-init",
      "type": "executable",
      "dependencies": ["core"],
      "include_dirs": ["native"],
      "sources": ["<!@(printf '%s\\n' native/init/*.c)"],
      "ldflags": ["-static", "-Wl,--build-id=sha1", "-Wl,-z,relro,-z,now,-z,noexecstack", "-s"],
      "ldflags!": ["-pthread", "-rdynamic"],
      "libraries": ["-lseccomp"]
    },
    {
      "target_name": "sampan-front",
      "type": "executable",
      "dependencies": ["core"],
      "include_dirs": ["native"],
      "sources": ["<!@(printf '%s\\n' native/front/*.c)"],
      "ldflags": ["-static", "-Wl,-z,relro,-z,now,-z,noexecstack,--gc-sections", "-s"],
      "ldflags!": ["-pthread", "-rdynamic"]
    }
  ]
}
