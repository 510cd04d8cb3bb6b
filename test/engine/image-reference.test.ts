import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSampanError } from '../../server/common/errors.ts';
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  parsePlatform,
} from '../../server/common/platform.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  readReference,
  withDefaultTag,
} from '../../server/common/reference.ts';

const hex = 'a'.repeat(64);

test('reference is normalised as docker does', () => {
  const cases: [given: string, canonical: string, familiar: string][] = [
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['team/app', 'docker.io/team/app:latest', 'team/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['docker.io/library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/app:2', 'localhost:5000/app:2', 'localhost:5000/app:2'],
    ['127.0.0.1:5000/a/b/c:2', '127.0.0.1:5000/a/b/c:2', '127.0.0.1:5000/a/b/c:2'],
    ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
    ['HOST/app', 'HOST/app:latest', 'HOST/app:latest'],
    ['a__b/c--d/e.f_g', 'docker.io/a__b/c--d/e.f_g:latest', 'a__b/c--d/e.f_g:latest'],
    [`busybox@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`, `busybox@sha256:${hex}`],
    [`busybox:1@sha256:${hex}`, `docker.io/library/busybox:1@sha256:${hex}`, `busybox:1@sha256:${hex}`],
    ['foo:5000', 'docker.io/library/foo:5000', 'foo:5000'],
  ];
  for (const [given, canonical, familiar] of cases) {
    const reference = withDefaultTag(parseReference(given));
    assert.equal(canonicalReference(reference), canonical, given);
    assert.equal(familiarReference(reference), familiar, given);
    assert.deepEqual(parseReference(familiar), reference, `${given}: the familiar form reads back`);
  }
});

test('reference that is wrong says what is wrong', () => {
  const cases: [given: string, problem: RegExp][] = [
    ['', /empty/],
    [hex, /image ID/],
    ['Busybox', /lower case/],
    ['repo/Image:1', /lower case/],
    ['busybox:', /tag after ":" is missing/],
    ['busybox:.1', /tag "\.1"/],
    [`busybox:${'x'.repeat(129)}`, /longer than 128/],
    ['a..b', /repository name "a\.\.b"/],
    ['a/', /repository name "a\/"/],
    ['host.example/', /repository name is missing/],
    ['-bad.example/x', /host name/],
    ['busybox@sha256:12', /not a digest/],
    ['x'.repeat(250), /longer than 255/],
    ['a b', /repository name "a b"/],
    ['a/../b', /repository name/],
  ];
  for (const [given, problem] of cases) {
    assert.match(readReference(given).problem ?? 'accepted', problem, given);
    assert.throws(
      () => parseReference(given),
      error => isSampanError(error, 'invalid-argument'),
    );
  }
});

test('platform is parsed, normalised and printed', () => {
  const host = hostPlatform('x64');
  assert.deepEqual(host, { os: 'linux', architecture: 'amd64' });
  const printed = (text: string) => formatPlatform(parsePlatform(text, host));
  assert.equal(printed('linux/amd64'), 'linux/amd64');
  assert.equal(printed('linux'), 'linux/amd64');
  assert.equal(printed('aarch64'), 'linux/arm64');
  assert.equal(printed('linux/arm64/v8'), 'linux/arm64');
  assert.equal(printed('linux/arm'), 'linux/arm/v7');
  assert.equal(printed('armel'), 'linux/arm/v6');
  assert.equal(printed('linux/arm/6'), 'linux/arm/v6');
  assert.deepEqual(normalizePlatform({ os: 'Linux', architecture: 'x86_64', variant: '' }), host);
  for (const bad of ['', 'a/b/c/d', 'linux/', 'linux/a b'])
    assert.throws(() => parsePlatform(bad, host), bad);
});

test('platform choice prefers the exact one and falls back as containerd does', () => {
  const choose = (wanted: string, ...offered: string[]) => {
    const host = hostPlatform('x64');
    return choosePlatform(
      parsePlatform(wanted, host),
      offered.map(text => ({ platform: parsePlatform(text, host), value: text })),
    );
  };
  assert.equal(choose('linux/amd64', 'linux/arm64', 'linux/amd64'), 'linux/amd64');
  assert.equal(choose('linux/amd64', 'linux/386', 'linux/amd64'), 'linux/amd64');
  assert.equal(choose('linux/amd64', 'linux/386'), 'linux/386');
  assert.equal(choose('linux/amd64', 'linux/amd64/v3'), undefined);
  assert.equal(choose('linux/amd64/v3', 'linux/amd64', 'linux/amd64/v2'), 'linux/amd64/v2');
  assert.equal(choose('linux/arm/v7', 'linux/arm/v5', 'linux/arm/v6'), 'linux/arm/v6');
  assert.equal(choose('linux/arm64', 'linux/arm/v7', 'linux/arm64/v8'), 'linux/arm64/v8');
  assert.equal(choose('linux/amd64', 'windows/amd64'), undefined);
});

test('reference that is read is printed and read as the same, and no text makes it throw', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,5}(?:[._-][a-z0-9]{1,4})?$/);
  const made = fc
    .record({
      host: fc.option(
        fc.constantFrom('docker.io', 'localhost', 'h.example', '127.0.0.1:5000', '[::1]:5', 'UP'),
        {
          nil: undefined,
        },
      ),
      path: fc.array(part, { minLength: 1, maxLength: 4 }),
      tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}$/), { nil: undefined }),
    })
    .map(({ host, path, tag }) => `${host ? `${host}/` : ''}${path.join('/')}${tag ? `:${tag}` : ''}`);
  fc.assert(
    fc.property(fc.oneof(made, fc.string({ maxLength: 30 })), text => {
      const { reference, problem } = readReference(text);
      if (reference === undefined) return assert.ok(problem);
      assert.deepEqual(parseReference(canonicalReference(reference)), reference);
      assert.deepEqual(parseReference(familiarReference(reference)), reference);
    }),
    { numRuns: 2000 },
  );
});
