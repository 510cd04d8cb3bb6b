// An extension that others take for Container Tools: it has its name, and does nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = {
  name: 'vscode-containers',
  publisher: 'ms-azuretools',
  version: '1.0.0',
  displayName: 'Container Tools',
  engines: { vscode: '*' },
};

/** Puts it where a server with its state in this folder finds its extensions; to be done before the server starts. */
export function installOtherServer(state) {
  const { publisher, name, version } = manifest;
  const folder = join(state, 'extensions', `${publisher}.${name}-${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
}
