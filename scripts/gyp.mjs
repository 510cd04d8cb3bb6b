// node-gyp of this project, run on the project's Node.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../node_modules/node-gyp/bin/node-gyp.js', import.meta.url));

/**
 * Build what `binding.gyp` in `folder` describes into `folder`/build/Release: from nothing the first time, else what
 * changed. Node's headers are those that SAMPAN_NODEDIR or the system has; without them node-gyp downloads them.
 */
export function buildWithGyp(folder, { args = [], env = process.env, output = 'ignore' } = {}) {
  const headers =
    process.env.SAMPAN_NODEDIR ?? (existsSync('/usr/include/node/node_api.h') ? '/usr' : undefined);
  const all = [...args, ...(headers ? [`--nodedir=${headers}`] : [])];
  const run = (command, stdout) =>
    execFileSync(process.execPath, [program, ...command, ...all], {
      cwd: folder,
      env,
      stdio: ['ignore', stdout, 'inherit'],
    });
  const again = existsSync(join(folder, 'build/Makefile'));
  if (again) run(['configure'], 'ignore');
  run([again ? 'build' : 'rebuild', '--jobs', 'max'], output);
}
