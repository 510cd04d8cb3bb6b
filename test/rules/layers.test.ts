import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const sources = ['server', 'client'].flatMap(sourcesBelow).sort();

function sourcesBelow(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter(name => name.endsWith('.ts') && !name.includes('.tsbuild') && !name.includes('node_modules'))
    .map(name => join(folder, name));
}

interface Import {
  readonly from: string;
  /** A path of the project, or a package name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statement = /(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g;
  return [...text.matchAll(statement)].map(match => {
    const target = match[2] ?? match[3] ?? '';
    return {
      from: file,
      to: target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
      typeOnly: match[1] !== undefined,
    };
  });
}

const imports = sources.flatMap(importsOf);

/** Files of `from` may import project files only below `allowed`, and packages only when `packages` says so. */
function assertOnly(
  from: string,
  { allowed, packages }: { allowed: string[]; packages: (name: string) => boolean },
) {
  const wrong = imports
    .filter(one => one.from.startsWith(from))
    .filter(one => {
      const isProject =
        one.to.startsWith('server/') || one.to.startsWith('client/') || one.to.startsWith('test/');
      return isProject ? !allowed.some(prefix => one.to.startsWith(prefix)) : !packages(one.to);
    });
  assert.deepEqual(
    wrong.map(one => `${one.from} imports ${one.to}`),
    [],
  );
}

const none = () => false;
const dagre = '@dagrejs/dagre';
const nodeOnly = (name: string) => name.startsWith('node:');

describe('layers', () => {
  it('sees the sources', () => {
    assert.ok(sources.length > 20 && imports.length > 20);
  });
  it('protocol imports nothing', () => {
    assertOnly('server/protocol/', { allowed: ['server/protocol/'], packages: none });
  });
  it('common imports nothing', () => {
    assertOnly('server/common/', { allowed: ['server/common/'], packages: none });
  });
  it('language knows common alone, and no Node', () => {
    const licenses = 'spdx-license-ids/index.json';
    const packages = (name: string) => name === 'unbash' || name === licenses;
    assertOnly('server/language/', { allowed: ['server/language/', 'server/common/'], packages });
    const using = imports.filter(({ to }) => packages(to)).map(({ from, to }) => `${to}: ${from}`);
    assert.deepEqual([...new Set(using)].sort(), [
      `${licenses}: server/language/hadolint/labelValues.ts`,
      'unbash: server/language/shell/grammar.ts',
    ]);
  });
  it('engine knows no JSON-RPC, and language only in build', () => {
    const engine = ['server/engine/', 'server/common/'];
    assertOnly('server/engine/build/', { allowed: [...engine, 'server/language/'], packages: nodeOnly });
    const others = imports.filter(
      one => one.from.startsWith('server/engine/') && !one.from.startsWith('server/engine/build/'),
    );
    const wrong = others.filter(one => one.to.startsWith('server/language/') || one.to.startsWith('vscode'));
    assert.deepEqual(
      wrong.map(one => `${one.from} imports ${one.to}`),
      [],
    );
    assertOnly('server/engine/', { allowed: [...engine, 'server/language/'], packages: nodeOnly });
  });
  it('the client sees the protocol alone of the server', () => {
    const packages = (name: string) =>
      nodeOnly(name) || name === 'vscode' || name.startsWith('vscode-languageclient') || name === dagre;
    assertOnly('client/', { allowed: ['client/', 'server/protocol/'], packages });
  });
  it('the page of the map knows nothing but itself and its layout', () => {
    assertOnly('client/map/page/', { allowed: ['client/map/page/'], packages: name => name === dagre });
    const using = imports.filter(({ to }) => to === dagre).map(({ from }) => from);
    assert.deepEqual(using, ['client/map/page/layout.ts']);
  });
});

describe('single owners', () => {
  const containing = (pattern: RegExp, below: string) =>
    sources.filter(file => file.startsWith(below) && pattern.test(readFileSync(join(root, file), 'utf8')));

  it('one module loads the addon', () => {
    assert.deepEqual(containing(/sampan\.node/, 'server/engine/'), ['server/engine/native.ts']);
  });
  it('one module renames into place', () => {
    assert.deepEqual(containing(/\brename(?:Sync)?\(/, 'server/engine/store/'), [
      'server/engine/store/atomic.ts',
    ]);
    const others = containing(/import \{[^}]*\brename\b[^}]*\} from 'node:fs/, 'server/engine/');
    assert.deepEqual(others, ['server/engine/store/atomic.ts']);
  });
});
