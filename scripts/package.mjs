// `npm run package`: a VSIX for this machine's platform, with everything in it that a machine without a compiler needs;
// then opens it again and looks.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNodePackages, ensureSystemPackages, projectNode, root } from './setup.mjs';

/** Every file of the VSIX, below `extension/`; true: executable. */
const contents = {
  'package.json': false,
  'package.nls.json': false,
  'readme.md': false,
  'changelog.md': false,
  'LICENSE.txt': false,
  'client/media/icon.png': false,
  'client/media/sampan.svg': false,
  'dist/extension.js': false,
  'dist/server.js': false,
  'dist/cli.js': false,
  'dist/sampan': true,
  'dist/sampan.node': false,
  'dist/sampan-init': true,
};

ensureNodePackages();
ensureSystemPackages('build');
run('the build', projectNode(), ['scripts/build.mjs']);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const target = `linux-${process.arch}`;
const vsix = join(root, `sampan-${target}-${version}.vsix`);
const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
run('vsce', projectNode(), [vsce, 'package', '--target', target, '--no-dependencies', '--out', vsix]);
check();
console.log(`${vsix}: ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);

function run(what, program, args) {
  const done = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (done.status === 0) return;
  console.error(`${what} failed:\n${done.error?.message ?? done.stderr}`);
  process.exit(1);
}

/** Unpacks the VSIX, holds its files against the list, and runs the command from there. */
function check() {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-vsix-'));
  try {
    const found = unpack(folder);
    const wanted = Object.keys(contents).sort();
    const names = Object.keys(found).sort();
    if (names.join() !== wanted.join())
      throw new Error(`The VSIX holds\n  ${names.join('\n  ')}\ninstead of\n  ${wanted.join('\n  ')}`);
    for (const [name, executable] of Object.entries(contents))
      if (executable && !found[name]) throw new Error(`${name} has no execute permission in the VSIX.`);
    const command = join(folder, 'extension/dist/sampan');
    const printed = execFileSync(command, ['--version'], { encoding: 'utf8' });
    if (!printed.includes(version))
      throw new Error(`The packed command says ${printed} instead of ${version}.`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
