import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Image } from '../../server/engine/image/types.ts';
import type { Engine, ObjectKind } from '../../server/engine/types.ts';
import { LocalStore } from '../../server/handlers/language/localStore.ts';

const digest = `sha256:${'d'.repeat(64)}` as const;

function image(tags: readonly string[], env: readonly string[]): Image {
  return {
    id: `sha256:${'1'.repeat(64)}`,
    config: {
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      config: { Env: env, User: 'app' },
      rootfs: { type: 'layers', diff_ids: [] },
    },
    tags,
    repoDigests: [`docker.io/library/alpine@${digest}`],
    chainId: undefined,
    size: 1,
    createdAt: '2026-01-01T00:00:00Z',
  };
}

/** As much of an engine as the store asks for. */
class Images {
  list: Image[] = [image(['docker.io/library/alpine:3'], ['A=1', 'B=x=y', 'C'])];
  tags: () => Promise<readonly string[]> = async () => ['1', '2'];
  asked = 0;
  changed: (kinds: readonly ObjectKind[]) => void = () => {};

  get engine(): Engine {
    return {
      images: {
        survey: async () => ({ found: this.list }),
        accounts: async (id: string) => {
          this.asked++;
          if (id !== this.list[0]?.id) throw new Error('no such image');
          return { users: [{ name: 'app', id: 1 }], groups: [] };
        },
        registryTags: () => {
          this.asked++;
          return this.tags();
        },
      },
      onDidChange: (listener: (kinds: readonly ObjectKind[]) => void) => {
        this.changed = listener;
        return () => {};
      },
    } as unknown as Engine;
  }
}

const turns = () => new Promise(resolve => setImmediate(resolve));

function open(images = new Images()) {
  const store: LocalStore = new LocalStore(
    async () => {
      const { engine } = images;
      store.follow(engine);
      return engine;
    },
    () => {},
  );
  return { images, store };
}

describe('what completion knows about images', () => {
  test('comes after the first question', async () => {
    const { store } = open();
    assert.deepEqual(store.images(), []);
    await turns();
    const [found] = store.images();
    assert.deepEqual(found?.names, ['alpine:3']);
    assert.deepEqual(found?.digests, [`alpine@${digest}`]);
    assert.equal(found?.platform, 'linux/arm64/v8');
    assert.equal(found?.user, 'app');
  });

  test('is told of base images by every name that they have', async () => {
    const { store, images } = open();
    let changes = 0;
    store.listen(() => changes++);
    store.images();
    await turns();
    const before = store.lookup();
    assert.deepEqual(
      [...(before.find('alpine:3')?.env ?? [])],
      [
        ['A', '1'],
        ['B', 'x=y'],
        ['C', ''],
      ],
    );
    assert.ok(before.find('docker.io/library/alpine:3') && before.find(`alpine@${digest}`));
    for (const name of ['alpine', 'alpine:4', 'A B', '']) assert.equal(before.find(name), undefined, name);
    images.list = [image(['docker.io/library/alpine:latest'], [])];
    images.changed(['container']);
    images.changed(['image']);
    await turns();
    assert.equal(changes, 2);
    assert.ok(store.lookup() !== before && store.lookup().find('alpine'));
  });

  test('is nothing without an engine', async () => {
    const store = new LocalStore(
      () => Promise.reject(new Error('no engine')),
      () => {},
    );
    assert.deepEqual(store.images(), []);
    assert.equal(store.tags('alpine'), 'pending');
    await turns();
    assert.deepEqual(store.images(), []);
    assert.equal(store.tags('alpine'), undefined);
  });

  test('has the tags of a registry once it has answered, and asks it once', async () => {
    const { store, images } = open();
    assert.equal(store.tags('alpine'), 'pending');
    assert.equal(store.tags('alpine'), 'pending');
    await turns();
    assert.deepEqual(store.tags('alpine'), ['1', '2']);
    assert.equal(images.asked, 1);
  });

  test('has the accounts of an image once they are read, and reads them once', async () => {
    const { store, images } = open();
    const [id, other] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
    assert.equal(store.accounts(id), 'pending');
    assert.equal(store.accounts(other), 'pending');
    await turns();
    assert.deepEqual(store.accounts(id), { users: [{ name: 'app', id: 1 }], groups: [] });
    assert.equal(store.accounts(other), undefined);
    assert.equal(images.asked, 2);
  });

  test('has no tags of a registry that is out of reach, and does not ask it again at every key', async () => {
    const { store, images } = open();
    images.tags = () => Promise.reject(new Error('unreachable'));
    store.tags('host:1/a');
    await turns();
    assert.equal(store.tags('host:1/a'), undefined);
    assert.equal(images.asked, 1);
  });
});
