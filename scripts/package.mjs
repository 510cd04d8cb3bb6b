// `npm run package [-- --target linux-x64|linux-arm64]`: a VSIX for this machine's platform or another, with everything in
// it that a machine without a compiler needs; then opens it again and looks.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFor, processors } from './cross.mjs';
import { ensureNodePackages, ensureSystemPackages, findProgram, projectNode, root } from './setup.mjs';

/** Every file of the VSIX, below `extension/`; true: executable. */
const contents = {
  'package.json': false,
  'package.nls.json': false,
  'package.nls.zh-cn.json': false,
  'l10n/bundle.l10n.zh-cn.json': false,
  'readme.md': false,
  'changelog.md': false,
  'LICENSE.txt': false,
  'client/media/icon.png': false,
  'client/media/sampan.svg': false,
  'syntaxes/dockerfileHeredoc.tmLanguage.json': false,
  'syntaxes/dockerignore.tmLanguage.json': false,
  'syntaxes/dockerignore.language.json': false,
  'dist/extension.js': false,
  'dist/languageClient.js': false,
  'dist/map.js': false,
  'dist/map.css': false,
  'dist/server.js': false,
  'dist/cli.js': false,
  'dist/launcher.js': false,
  'dist/sampan': true,
  'dist/sampan.node': false,
  'dist/sampan-init': true,
};

const native = ['sampan.node', 'sampan-init', 'sampan'];

ensureNodePackages();
const processor = readTarget();
ensureSystemPackages('build');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const target = `linux-${processor}`;
const vsix = join(root, `sampan-${target}-${version}.vsix`);
try {
  run('the build', ['scripts/build.mjs']);
  const nativeFolder = processor === process.arch ? join(root, 'dist') : buildFor(processor);
  inTemporaryFolder(stage => pack(stage, nativeFolder));
  inTemporaryFolder(check);
  console.log(`${vsix}: ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** `--target linux-arm64`; without it this machine's. */
function readTarget() {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  const name = (values.target ?? `linux-${process.arch}`).replace(/^linux-/, '');
  if (name in processors) return name;
  console.error(
    `Unknown target ${values.target}; there are ${Object.keys(processors)
      .map(known => `linux-${known}`)
      .join(' and ')}.`,
  );
  process.exit(1);
}

/** Everything that vsce reads goes to `stage`, with the native parts for the target, and is packed there. */
function pack(stage, nativeFolder) {
  for (const name of [
    'package.json',
    'package.nls.json',
    'package.nls.zh-cn.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
  ])
    cpSync(join(root, name), join(stage, name));
  for (const name of ['.vscodeignore', 'client/media', 'l10n', 'syntaxes', 'dist'])
    cpSync(join(root, name), join(stage, name), { recursive: true });
  for (const name of native) cpSync(join(nativeFolder, name), join(stage, 'dist', name));
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  run('vsce', [vsce, 'package', '--target', target, '--no-dependencies', '--out', vsix], stage);
}

function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-vsix-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(what, args, cwd = root) {
  const done = spawnSync(projectNode(), args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${what} failed:\n${done.error?.message ?? done.stderr}`);
}

/** Unpacks the VSIX, holds its files against the list, and runs what can be run of it here. */
function check(folder) {
  const found = unpack(folder);
  const wanted = Object.keys(contents).sort();
  const names = Object.keys(found).sort();
  if (names.join() !== wanted.join())
    throw new Error(`The VSIX holds\n  ${names.join('\n  ')}\ninstead of\n  ${wanted.join('\n  ')}`);
  for (const [name, executable] of Object.entries(contents))
    if (executable && !found[name]) throw new Error(`${name} has no execute permission in the VSIX.`);
  const dist = join(folder, 'extension/dist');
  // The front of another processor does no more than run the launcher.
  const command =
    processor === process.arch ? [join(dist, 'sampan')] : [projectNode(), join(dist, 'launcher.js')];
  const printed = execFileSync(command[0], [...command.slice(1), '--version'], { encoding: 'utf8' });
  if (!printed.includes(version))
    throw new Error(`The packed command says ${printed} instead of ${version}.`);
  for (const name of native) checkMachine(join(dist, name));
  checkHelper(join(dist, 'sampan-init'));
}

function checkMachine(path) {
  const machine = readFileSync(path).readUInt16LE(18);
  if (machine !== processors[processor].machine)
    throw new Error(`${path} is for another processor (ELF machine ${machine}).`);
}

/** The helper prints its usage and ends with 2; for another processor by an emulator, where one is installed. */
function checkHelper(path) {
  const emulator = processor === process.arch ? undefined : findProgram(processors[processor].emulator);
  if (processor !== process.arch && !emulator) return;
  const command = emulator ? [emulator, path] : [path];
  const done = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  if (done.status !== 2 || !done.stderr.startsWith('usage: sampan-init'))
    throw new Error(`The packed helper does not run: ${done.error?.message ?? done.stderr}`);
}

/** Unpacks with permissions, as VS Code does; returns each file below `extension/` and whether it is executable. */
function unpack(folder) {
  // Python, which node-gyp needs anyway, reads zip files.
  const script = `
import json, os, sys, zipfile
files = {}
with zipfile.ZipFile(sys.argv[1]) as archive:
    for entry in archive.infolist():
        path = archive.extract(entry, sys.argv[2])
        mode = entry.external_attr >> 16
        if mode: os.chmod(path, mode)
        if entry.filename.startswith('extension/'): files[entry.filename[10:]] = bool(mode & 0o111)
print(json.dumps(files))`;
  return JSON.parse(execFileSync('python3', ['-c', script, vsix, folder], { encoding: 'utf8' }));
}
