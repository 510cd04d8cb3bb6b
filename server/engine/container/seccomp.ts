import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime, SeccompRules } from '../runtime/types.ts';
import { replaceFile } from '../store/atomic.ts';
import type { Store } from '../store/store.ts';
import { defaultSeccompRules } from './seccompProfile.ts';

/** Compiled seccomp filters in files: compiling takes 10 to 17 ms, reading one nothing. */
export interface SeccompFilters {
  /** Path of the filter for a set of capabilities, compiled at first need. */
  fileFor(capabilities: readonly number[]): Promise<string>;
}

/**
 * Filters in the store's cache, named by the digest of their rules and by the helper that compiled them: another
 * libseccomp knows other system calls. A holder of an earlier version may still compile after an upgrade; what it makes
 * goes by its own name and is not found again.
 */
export function openSeccompFilters(options: {
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'compileSeccomp' | 'helperBuildId'>;
}): SeccompFilters {
  const { store, runtime } = options;
  const digests = new Map<string, string>();

  /** Remembered: making and hashing three hundred names takes longer than all else that a start asks here. */
  function digestFor(capabilities: readonly number[]): string {
    const key = capabilities.join();
    const digest = digests.get(key) ?? digestOf(defaultSeccompRules(capabilities, process.arch));
    digests.set(key, digest);
    return digest;
  }

  return {
    async fileFor(capabilities) {
      const digest = digestFor(capabilities);
      const pathBy = (compiler: string) => join(store.paths.cache, `seccomp-${digest}-${compiler}.bpf`);
      const path = pathBy(await runtime.helperBuildId());
      if (await exists(path)) return path;
      const filter = await runtime.compileSeccomp(defaultSeccompRules(capabilities, process.arch));
      const made = pathBy(filter.compiler);
      await replaceFile(store.paths, made, filter.bytes);
      return made;
    },
  };
}

function digestOf(rules: SeccompRules): string {
  return createHash('sha256')
    .update(JSON.stringify([process.arch, rules]))
    .digest('hex');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
