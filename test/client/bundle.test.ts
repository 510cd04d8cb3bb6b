import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { test } from 'node:test';

const bundle = new URL('../../dist/extension.js', import.meta.url);

test('what VS Code reads to activate the extension stays small', {
  skip: existsSync(bundle) ? false : 'dist is not built: npm run build',
}, () => {
  assert.ok(statSync(bundle).size < 200_000, `${statSync(bundle).size} bytes`);
});
