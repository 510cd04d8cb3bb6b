import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * `dist/launcher.js`, which `sampan` beside it gives to Node: runs the bundle `cli.js` beside it with what V8 compiled of it at an earlier start. Compiling is a
 * third of what a start costs. Node's own compile cache (22.1) keeps only what the first command compiled; here every
 * verb has a file, written as it ends.
 */

type Bundle = typeof import('./main.ts');

/** sha256 of `cli.js`: V8 itself tells one source from another by its length only. */
const bundleDigest = process.env.SAMPAN_BUNDLE ?? '';
/** After this many milliseconds without a new file the folder of another version goes. */
const folderLifetime = 30 * 24 * 3600 * 1000;
const digestSize = 32;
/** From the front: become the command server. */
const serveFlag = '--serve-commands';

const bundle = join(import.meta.dirname, 'cli.js');
const folder = cacheFolder();
const file = folder && join(folder, bundleDigest.slice(0, 16), `${verb()}-${process.version}-${arch()}.bin`);
const cachedData = file === undefined ? undefined : readCache(file);
// The bundle is ASCII, and one byte a character is what V8 compares fastest.
const source = readFileSync(bundle, 'latin1');
const script = new Script(
  `(function (exports, require, module, __filename, __dirname, process) {\n${source}\n})`,
  {
    filename: bundle,
    lineOffset: -1,
    ...(cachedData ? { cachedData } : {}),
  },
);
if (folder !== undefined && file !== undefined && (!cachedData || script.cachedDataRejected))
  process.once('exit', () => writeCache(folder, file, script));
const evaluate = script.runInThisContext() as (...scope: unknown[]) => void;
const command = instantiate(process);
if (process.argv[2] === serveFlag)
  command.serveCommands({ instantiate: instantiate as (of: unknown) => Bundle, build: ownBuild() });
else command.runCommand();

/** The modules of the bundle anew, with a `process` of their own. */
function instantiate(of: typeof process): Bundle {
  const module = { exports: {} as Bundle };
  evaluate.call(
    module.exports,
    module.exports,
    createRequire(bundle),
    module,
    bundle,
    import.meta.dirname,
    of,
  );
  return module.exports;
}

/** As native/front/command.c tells it. */
function ownBuild(): string {
  const { ino, mtimeNs } = statSync(join(import.meta.dirname, 'launcher.js'), { bigint: true });
  const fraction = String(mtimeNs % 1_000_000_000n).padStart(9, '0');
  return `${ino} ${mtimeNs / 1_000_000_000n}.${fraction}`;
}

/** `$XDG_CACHE_HOME/sampan`; undefined when there is no place that is this user's alone: what lies there is run. */
function cacheFolder(): string | undefined {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const base = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  if (!base) return undefined;
  const path = join(base, 'sampan');
  try {
    // Not recursive: a home that is missing stays missing.
    for (const folder of [base, path]) makeFolder(folder);
    const { uid, mode } = statSync(path);
    return uid === process.geteuid?.() && (mode & 0o022) === 0 ? path : undefined;
  } catch {
    return undefined; // no home that can be written: the command works all the same
  }
}

function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
}

function verb(): string {
  const [word = ''] = process.argv.slice(2);
  if (word === serveFlag) return 'server';
  return /^[a-z]{2,12}$/.test(word) ? word : 'other';
}

/** Behind the sha256 of the rest: V8 believes what it is given. */
function readCache(path: string): Buffer | undefined {
  try {
    const content = readFileSync(path);
    const data = content.subarray(digestSize);
    return sha256(data).equals(content.subarray(0, digestSize)) ? data : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(folder: string, path: string, script: Script): void {
  const temporary = `${path}.${process.pid}`;
  try {
    makeFolder(dirname(path));
    const data = script.createCachedData();
    writeFileSync(temporary, Buffer.concat([sha256(data), data]), { mode: 0o600 });
    renameSync(temporary, path);
    removeOldVersions(folder);
  } catch {
    rmSync(temporary, { force: true }); // a full disk must not change how a command ends
  }
}

function removeOldVersions(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > folderLifetime) rmSync(path, { recursive: true, force: true });
  }
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
