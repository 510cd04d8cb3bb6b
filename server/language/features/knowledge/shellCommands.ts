// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the editor's snippets
/** Words of the POSIX shell that a command can begin with (IEEE 1003.1, Shell Command Language). */
export const shellBuiltins: { readonly [name: string]: string } = {
  cd: 'changes the working directory, for this command only',
  echo: 'writes its arguments',
  exec: 'replaces the shell by a program, which then gets the signals',
  exit: 'ends the shell with a status',
  export: 'hands variables on to programs',
  printf: 'writes formatted text; better than echo for escapes',
  set: 'options of the shell: `set -e` ends at the first failure, `-u` at unset variables, `-x` shows commands',
  test: 'compares and looks at files, as `[` does',
  trap: 'runs a command at a signal or at the end',
  umask: 'permissions that new files do not get',
  unset: 'removes variables',
  eval: 'runs its arguments as a command',
  read: 'reads a line into variables',
  shift: 'drops the first arguments',
  wait: 'waits for background jobs',
  command: 'runs a program, not a function; `command -v` tells where it is',
  true: 'does nothing, successfully',
  false: 'does nothing, unsuccessfully',
  if: 'if …; then …; fi',
  for: 'for name in …; do …; done',
  while: 'while …; do …; done',
  until: 'until …; do …; done',
  case: 'case … in pattern) … ;; esac',
};

/** Command lines that Dockerfiles use again and again, written so that they leave nothing behind. */
export const commandLines: { readonly [command: string]: string } = {
  'apt-get update && apt-get install -y --no-install-recommends ${1:package} && rm -rf /var/lib/apt/lists/*':
    'Packages of Debian and Ubuntu',
  'apk add --no-cache ${1:package}': 'Packages of Alpine',
  'dnf install -y --setopt=install_weak_deps=False ${1:package} && dnf clean all': 'Packages of Fedora',
  'microdnf install -y ${1:package} && microdnf clean all': 'Packages of UBI minimal',
  'npm ci --omit=dev': 'Locked packages of Node.js',
  'pip install --no-cache-dir -r ${1:requirements.txt}': 'Packages of Python',
  'go build -trimpath -ldflags="-s -w" -o ${1:/out/app} ${2:.}': 'A program in Go',
  'cargo build --release --locked': 'A program in Rust',
  'useradd --system --uid ${1:10001} ${2:app}': 'A user without a password (Debian, Fedora)',
  'adduser -S -u ${1:10001} ${2:app}': 'A user without a password (Alpine)',
};
