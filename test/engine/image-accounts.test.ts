import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { tarOf } from './image-support.ts';
import { streamOf } from './store-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

describe('the accounts of an image', { skip: engineUnavailable() }, () => {
  let opened: TestEngine;
  before(async () => {
    opened = await openTestEngine();
  });
  after(() => opened.close());

  const accountsOf = async (files: { [name: string]: string | undefined }) => {
    const { images } = opened.engine;
    const { id } = await images.import(streamOf(tarOf(files)), { tags: ['accounts'] });
    return images.accounts(id);
  };

  test('are those of its files, without lines that are none', async () => {
    const passwd =
      'root:x:0:0:root:/root:/bin/sh\nbroken\n# app:x:1:1::/:\napp:x:1000:1001::/home/app:/bin/sh\n';
    assert.deepEqual(
      await accountsOf({ 'etc/': undefined, 'etc/passwd': passwd, 'etc/group': 'web:x:33:app\n' }),
      {
        users: [
          { name: 'root', id: 0 },
          { name: 'app', id: 1000 },
        ],
        groups: [{ name: 'web', id: 33 }],
      },
    );
  });

  test('are none without files', async () => {
    assert.deepEqual(await accountsOf({ a: '' }), { users: [], groups: [] });
    const absent = `sha256:${'0'.repeat(64)}` as const;
    await assert.rejects(opened.engine.images.accounts(absent), { code: 'not-found' });
  });
});
