import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string) => readFileSync(`${root}${name}`, 'utf8');
const table = (name: string) => JSON.parse(read(name)) as { readonly [key: string]: string };

/** The texts that the client gives to `vscode.l10n.t`, which are the keys of a bundle. */
function clientTexts(): readonly string[] {
  const texts = new Set<string>();
  const files = readdirSync(`${root}client`, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter(name => /(?<!\.d)\.ts$/.test(name))) {
    for (const [, call = ''] of read(`client/${file}`).matchAll(/\bl10n\.t\(\s*(.*)/g)) {
      const literal = /^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/.exec(call)?.[0];
      assert.ok(literal, `${file}: l10n.t(${call}) has no text that can be translated`);
      texts.add(literalText(literal));
    }
  }
  return [...texts].sort();
}

/** The value of a string literal in either quotes. */
function literalText(literal: string): string {
  const inner = literal.slice(1, -1).replaceAll("\\'", "'");
  return JSON.parse(`"${literal.startsWith("'") ? inner.replaceAll('"', '\\"') : inner}"`);
}

/** What a translation may not change: places for values, links, code, icons. */
const fixedParts = (text: string): readonly string[] =>
  [...text.matchAll(/\{\d+\}|\(command:[\w.]+\)|\(https?:[^)]+\)|`[^`]+`|\$\([\w-]+\)/g)]
    .map(([part]) => part)
    .sort();

describe('the translation into Simplified Chinese', () => {
  const contributed = table('package.nls.json');
  const bundle = table('l10n/bundle.l10n.zh-cn.json');

  test('has every text of package.json, and no other', () => {
    const translated = table('package.nls.zh-cn.json');
    assert.deepEqual(Object.keys(translated).sort(), Object.keys(contributed).sort());
    for (const [key, text] of Object.entries(contributed))
      assert.deepEqual(fixedParts(translated[key] ?? ''), fixedParts(text), key);
  });

  test('has every text of the client, and no other', () => {
    assert.deepEqual(Object.keys(bundle).sort(), clientTexts());
    for (const [text, translated] of Object.entries(bundle))
      assert.deepEqual(fixedParts(translated), fixedParts(text), text);
  });

  test('is where VS Code looks for it', () => {
    assert.equal(JSON.parse(read('package.json')).l10n, './l10n');
    const packed = read('.vscodeignore').split('\n');
    for (const name of ['package.nls.zh-cn.json', 'l10n/bundle.l10n.zh-cn.json'])
      assert.ok(packed.includes(`!${name}`), name);
  });
});
