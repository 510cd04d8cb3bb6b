// The command line on a state of its own, for scripts and suites.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** The variables that keep images, containers and sockets in `folder`. Short: a socket's path holds 107 bytes. */
export function stateEnvironment(folder) {
  return { SAMPAN_ROOT: join(folder, 'root'), SAMPAN_RUN: join(folder, 'run') };
}

/**
 * `dist/sampan` on the state in `folder`: runs it and returns what it printed; throws with what it complained about.
 * @returns {(args: readonly string[], options?: { timeoutSeconds?: number }) => string}
 */
export function commandOn(folder) {
  const env = { ...process.env, ...stateEnvironment(folder) };
  return (args, { timeoutSeconds = 300 } = {}) => {
    const done = spawnSync(join(root, 'dist/sampan'), args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutSeconds * 1000,
    });
    if (done.status === 0) return done.stdout.trim();
    throw new Error(`sampan ${args.join(' ')} failed: ${done.error?.message ?? done.stderr.trim()}`);
  };
}

/** Removes a state with all that is in it: by the engine first, because rootless its files belong to other ids. */
export function removeState(folder) {
  const sampan = commandOn(folder);
  if (existsSync(join(folder, 'root'))) {
    const ids = args => [...new Set(sampan(args).split('\n').filter(Boolean))];
    const containers = ids(['ps', '-aq']);
    if (containers.length > 0) sampan(['rm', '-f', '-v', ...containers]);
    const volumes = ids(['volume', 'ls', '-q']);
    if (volumes.length > 0) sampan(['volume', 'rm', ...volumes]);
    const images = ids(['images', '-aq', '--no-trunc']);
    if (images.length > 0) sampan(['rmi', '-f', ...images]);
    spawnSync(join(root, 'dist/sampan-init'), ['dismiss', join(folder, 'run')], { stdio: 'inherit' });
  }
  rmSync(folder, { recursive: true, force: true });
}
