import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ruleAddress } from '../../server/language/lint/addresses.ts';
import { editorRules } from '../../server/language/lint/editorRules.ts';

const root = join(import.meta.dirname, '../..');

test('docs/rules.md says what the rules say, and has the places to which findings lead', async () => {
  const { renderRules } = await import(join(root, 'scripts/ruleDocs.mjs'));
  const text = readFileSync(join(root, 'docs/rules.md'), 'utf8');
  assert.equal(text, renderRules(), 'npm run docs writes it');
  const anchors = new Set([...text.matchAll(/^### (.*)$/gm)].map(([, id = '']) => `#${id.toLowerCase()}`));
  for (const { id, source } of editorRules) {
    const { hash, href } = new URL(ruleAddress({ code: id, source }));
    if (href.includes('/docs/rules.md')) assert.ok(anchors.has(hash), id);
  }
});
