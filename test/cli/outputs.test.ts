import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { readAnnotation, readOutput } from '../../server/cli/options/outputs.ts';

const none = { tags: ['web:1'], annotations: [] };

test('output is a folder by its name alone, and a tar on stdout by a dash', () => {
  assert.deepEqual(readOutput('out', none), { kind: 'folder', path: resolve('out'), splitPlatforms: true });
  assert.deepEqual(readOutput('-', none), { kind: 'rootfs-archive', path: '-' });
  assert.deepEqual(readOutput('type=tar,dest=a.tar', none), {
    kind: 'rootfs-archive',
    path: resolve('a.tar'),
  });
  assert.deepEqual(readOutput('type=local,"dest=a,b",platform-split=false', none), {
    kind: 'folder',
    path: resolve('a,b'),
    splitPlatforms: false,
  });
});

test('output of an image goes into the store or into an archive with the fields of buildx', () => {
  for (const text of ['type=image', 'type=docker', 'type=image,push=false'])
    assert.deepEqual(readOutput(text, none), { kind: 'image' }, text);
  const archive = readOutput(
    'type=oci,dest=o,tar=false,name=a:1,compression=zstd,compression-level=3,force-compression=true,oci-mediatypes=false,rewrite-timestamp=true,annotation.k=v,annotation-manifest-descriptor[linux/arm64].x.y=z',
    none,
  );
  assert.deepEqual(archive, {
    kind: 'image-archive',
    path: resolve('o'),
    isFolder: true,
    format: 'oci-archive',
    names: ['a:1'],
    mediaTypes: 'docker',
    compression: 'zstd',
    compressionLevel: 3,
    forceCompression: true,
    rewriteTimestamps: true,
    annotations: [
      { level: 'manifest', key: 'k', value: 'v' },
      { level: 'manifest-descriptor', platform: 'linux/arm64', key: 'x.y', value: 'z' },
    ],
  });
});

test('output to a registry has two spellings, and the names of the build unless it has its own', () => {
  const pushed = readOutput('type=registry,compression=zstd', none);
  assert.ok(pushed.kind === 'registry');
  assert.deepEqual([pushed.names, pushed.compression], [['web:1'], 'zstd']);
  const named = readOutput('type=image,push=true,name=a:1', none);
  assert.ok(named.kind === 'registry');
  assert.deepEqual(named.names, ['a:1']);
});

test('output archive is gzip with the tags of the build unless it says otherwise', () => {
  const archive = readOutput('type=docker,dest=-', none);
  assert.ok(archive.kind === 'image-archive');
  assert.deepEqual(
    [archive.path, archive.names, archive.compression, archive.format],
    ['-', ['web:1'], 'gzip', 'docker-archive'],
  );
});

test('output that is wrong, or that would be forgotten, is refused', () => {
  const wrong = [
    ['dest=x', /type is required/],
    ['type=local', /dest is required/],
    ['type=none', /the type must be/],
    ['type=oci,dest=x,frob=1', /unknown field frob/],
    ['type=oci,dest=x,compression=lz4', /invalid compression "lz4"/],
    ['type=oci,dest=x,tar=maybe', /tar must be true or false/],
    ['type=registry,name=', /tag is needed/],
    ['type=local,dest', /must be a key=value pair/],
  ] as const;
  for (const [text, message] of wrong) assert.throws(() => readOutput(text, none), { message }, text);
});

test('annotation has levels and a platform', () => {
  assert.deepEqual(readAnnotation('a.b=c=d'), [{ level: 'manifest', key: 'a.b', value: 'c=d' }]);
  assert.deepEqual(readAnnotation('index,manifest[linux/amd64]:k=v:w'), [
    { level: 'index', key: 'k', value: 'v:w' },
    { level: 'manifest', platform: 'linux/amd64', key: 'k', value: 'v:w' },
  ]);
  assert.throws(() => readAnnotation('novalue'), /must be KEY=VALUE/);
  assert.throws(() => readAnnotation('manifest-x:k=v'), /invalid annotation/);
});
