// Builds everything into dist/: bundles by esbuild, the addon and the static helper by node-gyp.
// `node scripts/build.mjs --no-native` leaves the native part as it is.
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildWithGyp } from './gyp.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Copy beside and rename: a running helper or server keeps its old file. */
function install(from, to, mode) {
  copyFileSync(from, `${to}.new`);
  chmodSync(`${to}.new`, mode);
  renameSync(`${to}.new`, to);
}

function buildNative() {
  buildWithGyp(root, { output: process.env.CI ? 'ignore' : 'inherit' });
  install(join(root, 'build/Release/sampan.node'), join(dist, 'sampan.node'), 0o755);
  install(join(root, 'build/Release/sampan-init'), join(dist, 'sampan-init'), 0o755);
  install(join(root, 'build/Release/sampan-front'), join(dist, 'sampan'), 0o755);
}

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: true,
  // Half the size is half the time that V8 needs to look through it; names stay for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
  external: ['vscode', '*.node'],
  define: {
    'process.env.SAMPAN_VERSION': JSON.stringify(version),
    'import.meta.dirname': '__dirname',
  },
};

/** Most of the extension is the language client, which is read when the server is started and not before. */
const languageClientApart = {
  name: 'language-client-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/languageClient\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './languageClient.js', external: true } : undefined,
    ),
};

mkdirSync(dist, { recursive: true });
await Promise.all([
  build({
    ...common,
    entryPoints: [join(root, 'client/extension.ts')],
    outfile: join(dist, 'extension.js'),
    plugins: [languageClientApart],
  }),
  build({
    ...common,
    entryPoints: [join(root, 'client/languageClient.ts')],
    outfile: join(dist, 'languageClient.js'),
  }),
  build({
    ...common,
    entryPoints: [join(root, 'client/map/page/main.ts'), join(root, 'client/map/page/map.css')],
    entryNames: 'map',
    outdir: dist,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    external: [],
    minify: true,
    sourcemap: false,
  }),
  build({ ...common, entryPoints: [join(root, 'server/main.ts')], outfile: join(dist, 'server.js') }),
  build({ ...common, entryPoints: [join(root, 'server/cli/main.ts')], outfile: join(dist, 'cli.js') }),
]);
// What loads the bundle of the command, for `sampan` beside it.
await build({
  ...common,
  sourcemap: false,
  entryPoints: [join(root, 'server/cli/launcher.ts')],
  outfile: join(dist, 'launcher.js'),
  define: {
    ...common.define,
    'process.env.SAMPAN_BUNDLE': JSON.stringify(
      createHash('sha256')
        .update(readFileSync(join(dist, 'cli.js')))
        .digest('hex'),
    ),
  },
});
if (!process.argv.includes('--no-native')) buildNative();
