// A machine with a cgroup v2 hierarchy of its own, for the tests that need one: Debian's user-mode-linux, a kernel that
// runs as a process. It sees this machine's files through hostfs, under an overlay that is thrown away.
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram, root } from './setup.mjs';

/** The kernel is newer than Debian 12's, which lacks seccomp mode; its libraries come along. */
const suite = 'trixie';
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sampan');
const image = join(cache, `uml-${suite}`);

/** Why no machine can be made here, or undefined. */
export function vmUnavailable() {
  if (process.arch !== 'x64') return 'user-mode-linux exists for x86-64 only';
  const missing = ['apt-get', 'dpkg-deb', 'mkfs.ext4', 'setpriv', 'modprobe'].filter(
    name => !findProgram(name),
  );
  return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
}

/** Download and unpack the kernel (no installation), once. Throws when apt cannot. */
export function prepareVm() {
  if (existsSync(join(image, 'linux'))) return;
  const work = `${image}.new`;
  rmSync(work, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial'])
    mkdirSync(join(work, 'apt', folder), { recursive: true });
  const apt = aptOptions(work);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, APT_CONFIG: apt } };
  execFileSync('apt-get', ['-qq', 'update'], quiet);
  execFileSync('apt-get', ['-qq', '-y', 'install', '--download-only', 'user-mode-linux', 'patchelf'], quiet);
  const unpacked = join(work, 'root');
  for (const name of readdirSync(join(work, 'apt/archives')).filter(name => name.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', join(work, 'apt/archives', name), unpacked]);
  }
  rmSync(join(work, 'apt'), { recursive: true });
  mkdirSync(join(work, 'lib'));
  renameSync(join(unpacked, 'usr/lib/uml/modules'), join(work, 'lib/modules'));
  linkToOwnLibraries(work, unpacked);
  renameSync(work, image);
}

/** apt with lists and a status of its own: nothing counts as installed, so every library comes along. */
function aptOptions(work) {
  const site = execFileSync(
    'apt-get',
    ['indextargets', '--format', '$(SITE)', 'Identifier: Packages', 'Label: Debian'],
    { encoding: 'utf8' },
  ).split('\n')[0];
  if (!site) throw new Error('apt knows no Debian mirror');
  writeFileSync(
    join(work, 'apt/sources.list'),
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${site} ${suite} main\n`,
  );
  writeFileSync(join(work, 'apt/status'), '');
  const options = {
    'Dir::Etc::sourcelist': join(work, 'apt/sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::Lists': join(work, 'apt/lists'),
    'Dir::State::status': join(work, 'apt/status'),
    'Dir::Cache': join(work, 'apt'),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'Debug::NoLocking': 'true',
  };
  const file = join(work, 'apt/conf');
  writeFileSync(
    file,
    Object.entries(options)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(''),
  );
  return file;
}

/**
 * The kernel needs a newer libc than this machine may have. Started through that libc's loader it takes the loader's
 * heap for its own memory and does not boot, so the loader is written into the program.
 */
function linkToOwnLibraries(work, unpacked) {
  const libraries = join(unpacked, 'usr/lib/x86_64-linux-gnu');
  const final = join(image, 'root/usr/lib/x86_64-linux-gnu');
  execFileSync(join(libraries, 'ld-linux-x86-64.so.2'), [
    '--library-path',
    libraries,
    join(unpacked, 'usr/bin/patchelf'),
    '--set-interpreter',
    join(final, 'ld-linux-x86-64.so.2'),
    '--set-rpath',
    final,
    '--output',
    join(work, 'linux'),
    join(unpacked, 'usr/bin/linux.uml'),
  ]);
}

/**
 * Run Node with arguments inside, in the checkout, as root or as a user who owns a delegated cgroup.
 * Files written below `share` stay. Resolves to the exit code; output goes to this process's.
 */
export async function runInVm({ user, node, args, env, share, timeoutSeconds }) {
  prepareVm();
  const run = mkdtempSync(join(cache, 'vm-'));
  try {
    execFileSync('truncate', ['-s', '4G', join(run, 'disk')]);
    execFileSync(findProgram('mkfs.ext4'), [
      '-q',
      '-F',
      '-m',
      '0',
      '-E',
      'lazy_journal_init=1',
      join(run, 'disk'),
    ]);
    copyFileSync(join(root, 'test/support/vm/guest.sh'), join(run, 'guest.sh'));
    execFileSync('chmod', ['755', join(run, 'guest.sh')]);
    writeFileSync(join(run, 'out'), '');
    const quote = text => `'${String(text).replaceAll("'", "'\\''")}'`;
    const settings = { user: user ? '1' : '', image, checkout: root, share, path: process.env.PATH ?? '' };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${quote(value)}`);
    lines.push(`command=(${[node, ...args].map(quote).join(' ')})`);
    lines.push(
      `environment=(${Object.entries(env)
        .map(([name, value]) => quote(`${name}=${value}`))
        .join(' ')})`,
    );
    writeFileSync(join(run, 'settings'), `${lines.join('\n')}\n`);
    return await boot(run, timeoutSeconds);
  } finally {
    rmSync(run, { recursive: true, force: true });
  }
}

async function boot(run, timeoutSeconds) {
  const machine = spawn(
    join(image, 'linux'),
    [
      'mem=1536M',
      `uml_dir=${run}`,
      'umid=vm',
      'noreboot',
      'seccomp=auto',
      'con=null',
      'con0=null,fd:1',
      `ubd0=${join(run, 'disk')}`,
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      'quiet',
      'loglevel=4',
      'panic=-1',
      `init=${join(run, 'guest.sh')}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const console_ = [];
  machine.stdout.on('data', chunk => console_.push(chunk));
  const tail = spawn('tail', ['-c', '+1', '-s', '0.1', '-f', `--pid=${machine.pid}`, join(run, 'out')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const timer = setTimeout(() => process.kill(-machine.pid, 'SIGKILL'), timeoutSeconds * 1000);
  await Promise.all([machine, tail].map(child => new Promise(resolve => child.on('close', resolve))));
  clearTimeout(timer);
  const status = join(run, 'status');
  if (existsSync(status)) return Number(readFileSync(status, 'utf8'));
  process.stderr.write(
    `The virtual machine ended without an exit code:\n${Buffer.concat(console_).toString().slice(-3000)}\n`,
  );
  return 125;
}
