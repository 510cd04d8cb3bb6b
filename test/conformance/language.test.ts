import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';

/** Least per cent of each suite that agrees with BuildKit; raise them, never lower them. */
const floors: { readonly [suite: string]: number } = {
  'parser-dump': 100,
  'corpus-nodes': 100,
  'corpus-nodes-full': 99.9,
  'edge-nodes': 100,
  // BuildKit reads flags byte by byte and garbles characters beyond ASCII.
  'edge-nodes-full': 99.9,
  'corpus-verdict': 99.8,
  'edge-verdict': 99.9,
  'buildkit-lint-cases': 97,
  'corpus-lint': 99.5,
  'edge-lint': 99.9,
  'shell-lex': 100,
  dockerignore: 100,
  // All of its own rules; four cases ask for findings of ShellCheck, which may not be installed.
  hadolint: 99.2,
};

const folder = process.env.SAMPAN_CONFORMANCE;
const judge = folder && join(folder, 'language/run-checks.mjs');
const skip = judge && existsSync(judge) ? false : 'SAMPAN_CONFORMANCE names no folder with the language data';

describe('the language agrees with BuildKit', { skip }, () => {
  const adapter = join(import.meta.dirname, 'language-adapter.mjs');
  const run = async (): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [judge ?? '', adapter], {
      maxBuffer: 2 ** 24,
      timeout: 300_000,
    });
    return stdout;
  };
  const output = skip ? undefined : run();

  for (const [suite, floor] of Object.entries(floors)) {
    test(`${suite} at ${floor} %`, async () => {
      const lines = (await output)?.split('\n') ?? [];
      const line = lines.find(one => one.startsWith(`${suite} `));
      const share = /(\d+)\/(\d+)/.exec(line ?? '');
      assert.ok(share, `no figure for ${suite}`);
      const figure = (100 * Number(share[1])) / Number(share[2]);
      assert.ok(figure >= floor, `${line?.trim()} is below ${floor} %`);
    });
  }
});
