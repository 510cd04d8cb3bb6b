import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compare } from './compare.ts';
import { judges } from './judges.ts';

const data = process.env.SAMPAN_CONFORMANCE;
const folder = data && join(data, 'language/dockerfile-language-service');
const skip =
  folder && existsSync(folder) ? false : 'SAMPAN_CONFORMANCE names no folder with the recorded answers';

describe('no answer is worse than that of dockerfile-language-service', { skip }, () => {
  for (const method of Object.keys(judges)) {
    test(method, () => {
      const { worse } = compare(folder ?? '', method);
      const shown = worse
        .slice(0, 5)
        .map(({ record, reason }) => `${JSON.stringify(record.args)}: ${reason}`);
      assert.equal(worse.length, 0, shown.join('\n'));
    });
  }
});
