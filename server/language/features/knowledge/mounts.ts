/** Folders in which tools keep what they download or compile: targets of cache mounts. */
export const cacheTargets: { readonly [path: string]: string } = {
  '/root/.cache': 'caches of the root user',
  '/var/cache/apt':
    'packages of apt; with `sharing=locked`, and keep them by removing /etc/apt/apt.conf.d/docker-clean',
  '/var/lib/apt': 'package lists of apt; with `sharing=locked`',
  '/var/cache/apk': 'packages of apk',
  '/var/cache/dnf': 'packages of dnf',
  '/root/.cache/pip': 'pip',
  '/root/.cache/uv': 'uv',
  '/root/.npm': 'npm',
  '/root/.local/share/pnpm/store': 'pnpm',
  '/usr/local/share/.cache/yarn': 'yarn',
  '/root/.cache/go-build': 'compiled packages of Go',
  '/go/pkg/mod': 'modules of Go in the golang image',
  '/usr/local/cargo/registry': 'crates of cargo in the rust image',
  '/root/.m2': 'Maven',
  '/root/.gradle': 'Gradle',
  '/root/.nuget/packages': 'NuGet',
  '/root/.composer/cache': 'Composer',
  '/usr/local/bundle/cache': 'gems',
  '/root/.ccache': 'ccache',
};
