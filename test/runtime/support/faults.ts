import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const source = join(import.meta.dirname, 'faults.c');
const compiler = process.env.CC ?? 'cc';
const [pageSize, reportAt] = [4096, 2048];

/** Why the faulty helper cannot be built here, or false. */
export const noFaults = spawnSync(compiler, ['--version']).error ? `no C compiler (${compiler})` : false;

/** Which process of a container or exec fails: its monitor, or the one that becomes the program. */
export type FaultRole = 'monitor' | 'exec' | 'newborn';

/** The helper in a build that fails on demand, and the file that says at which step (faults.c). */
export class FaultyHelper {
  readonly path: string;
  readonly #page: number;

  /** Built in `folder`, which takes some seconds. Processes started from now on read what to do. */
  constructor(folder: string) {
    this.path = join(folder, 'sampan-init');
    const wrapped = [...readFileSync(source, 'utf8').matchAll(/(?:^WRAP\w*\(\w+, |\b__wrap_)(\w+)/gm)];
    const names = new Set(wrapped.map(([, name = '']) => name).filter(name => name !== 'name'));
    const list = (folder: string) => execFileSync('sh', ['-c', `echo ${join(root, folder)}/*.c`]).toString();
    const flags = ['-static', '-O1', '-std=gnu11', '-D_GNU_SOURCE', '-w', '-I', join(root, 'native')];
    const built = spawnSync(
      compiler,
      [
        ...flags,
        ...`${list('native/core')} ${list('native/init')}`.trim().split(/\s+/),
        source,
        ...[...names].map(name => `-Wl,--wrap=${name}`),
        '-lseccomp',
        '-o',
        this.path,
      ],
      { encoding: 'utf8' },
    );
    if (built.status !== 0) throw new Error(built.stderr);
    const file = join(folder, 'faults');
    this.#page = openSync(file, 'w+');
    this.aim('monitor', 0, 'fail');
    process.env.SAMPAN_FAULTS = file;
  }

  /** What the next container or exec does wrong: at step 0 nothing. */
  aim(role: FaultRole, step: number, kind: 'fail' | 'kill'): void {
    const page = Buffer.alloc(pageSize);
    page.write(`${role} ${step} ${kind}\n`);
    writeSync(this.#page, page, 0, pageSize, 0);
  }

  /** The call that failed since the last aim; undefined when so many are not made. */
  struck(): string | undefined {
    const page = Buffer.alloc(64);
    readSync(this.#page, page, 0, page.length, reportAt);
    return page.toString('latin1', 0, page.indexOf(0)) || undefined;
  }

  close(): void {
    delete process.env.SAMPAN_FAULTS;
    closeSync(this.#page);
  }
}
