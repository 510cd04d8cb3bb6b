import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChmod } from '../../server/engine/build/chmod.ts';
import { BadPattern, globMatch, hasGlob } from '../../server/engine/build/glob.ts';
import { goDuration, goQuote } from '../../server/engine/build/goFormat.ts';
import { imageConfig } from '../../server/engine/build/imageConfig.ts';
import { resolveOwner } from '../../server/engine/build/owner.ts';
import type { ExecNode, PlannedImage } from '../../server/engine/build/planTypes.ts';
import { OutputCollector } from '../../server/engine/build/progress.ts';
import { execKey } from '../../server/engine/build/stepKeys.ts';

describe('globMatch', () => {
  it('matches as Go’s filepath.Match', () => {
    // The grammar in the documentation of Match, by example.
    const table: readonly (readonly [string, string, boolean])[] = [
      ['abc', 'abc', true],
      ['*', 'abc', true],
      ['*c', 'abc', true],
      ['a*', 'ab/c', false],
      ['a*/b', 'abc/b', true],
      ['a*/b', 'a/c/b', false],
      ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
      ['ab[c]', 'abc', true],
      ['ab[b-d]', 'abc', true],
      ['ab[e-g]', 'abc', false],
      ['ab[^c]', 'abc', false],
      ['ab[^e-g]', 'abc', true],
      ['a\\*b', 'a*b', true],
      ['a\\*b', 'ab', false],
      ['a?b', 'a☺b', true],
      ['a[^a]b', 'a☺b', true],
      ['a???b', 'a☺b', false],
      ['[a-ζ]*', 'α', true],
      ['a?b', 'a/b', false],
      ['a*b', 'a/b', false],
      ['[\\]a]', ']', true],
      ['[\\-x]', '-', true],
      ['[x\\-]', 'z', false],
      ['*x', 'xxx', true],
      ['*.txt', '.hidden.txt', true],
    ];
    for (const [pattern, name, matches] of table)
      assert.equal(globMatch(pattern, name), matches, `${pattern} ${name}`);
  });

  it('refuses what Go refuses', () => {
    for (const pattern of ['[', '[^', '[^bc', 'a[', '[]a]', '[-]', '[x-]', '\\']) {
      assert.throws(() => globMatch(pattern, 'a'), BadPattern, pattern);
    }
  });

  it('tells patterns from names', () => {
    assert.deepEqual(['a*', 'a\\*', 'a?', '[x]', 'plain', 'back\\slash'].map(hasGlob), [
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('parseChmod', () => {
  const change = (text: string, mode: number, type: 'file' | 'directory' = 'file') =>
    parseChmod(text)({ type, mode }).toString(8);

  it('reads octal and symbolic modes', () => {
    assert.equal(change('0755', 0o600), '755');
    assert.equal(change('4711', 0), '4711');
    assert.equal(change('u=rwX,go=rX', 0o640), '644');
    assert.equal(change('u=rwX,go=rX', 0o700, 'directory'), '755');
    assert.equal(change('+x', 0o644), '755');
    assert.equal(change('g=u,o-rwx', 0o647), '660');
    assert.equal(change('a-w,u+s', 0o644), '4444');
    assert.equal(change('+t', 0o755, 'directory'), '1755');
  });

  it('refuses the rest with the instruction to write', () => {
    for (const text of ['999', '10000', 'u=q', 'x', '', 'u+x,'])
      assert.throws(() => parseChmod(text), /--chmod/, text);
  });
});

describe('values as Go prints them', () => {
  it('durations', () => {
    const seconds = 1e9;
    const shown = [0, 90 * seconds, 1.5 * seconds, 3600 * seconds, 2e6, 1500].map(goDuration);
    assert.deepEqual(shown, ['0s', '1m30s', '1.5s', '1h0m0s', '2ms', '1.5µs']);
  });

  it('quoted strings', () => {
    assert.equal(goQuote('a"b\\c\n\u0001é\u{1F600}\u00a0'), '"a\\"b\\\\c\\n\\x01é\u{1F600}\\u00a0"');
  });
});

describe('resolveOwner', () => {
  const files = {
    passwd: Buffer.from('root:x:0:0::/root:/bin/sh\napp:x:1000:2000::/:/bin/sh\n'),
    group: Buffer.from('root:x:0:\nextra:x:50:app\n'),
  };
  const none = { passwd: undefined, group: undefined };

  it('gives a number its own group and a name that of its entry', () => {
    assert.deepEqual(resolveOwner('app', files), { uid: 1000, gid: 2000 });
    assert.deepEqual(resolveOwner('7', files), { uid: 7, gid: 7 });
    assert.deepEqual(resolveOwner('7:8', none), { uid: 7, gid: 8 });
    assert.deepEqual(resolveOwner('app:extra', files), { uid: 1000, gid: 50 });
    assert.deepEqual(resolveOwner('app:', files), { uid: 1000, gid: 2000 });
    assert.deepEqual(resolveOwner(':extra', files), { uid: 0, gid: 50 });
  });

  it('refuses unknown names, and says when there is no file to look in', () => {
    assert.throws(() => resolveOwner('nosuch', files), /nosuch/);
    assert.throws(() => resolveOwner('app:nosuch', files), /nosuch/);
    assert.throws(() => resolveOwner('app', none), /no \/etc\/passwd/);
  });
});

describe('execKey', () => {
  const node: ExecNode = {
    kind: 'exec',
    id: 1,
    name: '[2/2] RUN x',
    stage: '',
    lines: undefined,
    fresh: false,
    variables: {},
    input: undefined,
    args: ['/bin/sh', '-c', 'x'],
    env: ['A=1', 'B=2'],
    proxyEnv: [],
    cwd: '/',
    user: '',
    hostname: 'h',
    network: 'default',
    security: 'sandbox',
    extraHosts: [],
    mounts: [],
    scripts: [],
  };
  const key = (change: Partial<ExecNode> = {}, parent = 'sha256:1') =>
    execKey(
      { ...node, ...change },
      { parent: { chainId: parent as `sha256:${string}`, key: 'k' }, mountDigests: [] },
    );

  it('holds what the step can see', () => {
    const keys = [
      key(),
      key({}, 'sha256:2'),
      key({ args: ['/bin/sh', '-c', 'y'] }),
      key({ env: ['B=2', 'A=1'] }),
      key({ cwd: '/x' }),
      key({ user: 'u' }),
      key({ hostname: 'other' }),
      key({ network: 'none' }),
      key({ scripts: [{ name: 'EOF', content: '#!' }] }),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it('holds neither names, lines nor proxies', () => {
    const change = {
      id: 9,
      name: 'other',
      stage: 's',
      lines: { line: 1, endLine: 2 },
      proxyEnv: ['http_proxy=x'],
    };
    assert.equal(key(change), key());
  });
});

describe('imageConfig', () => {
  const image: PlannedImage = {
    top: 1,
    config: { Env: ['A=1'], User: '', Cmd: [], Labels: {} },
    author: undefined,
    platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
    base: undefined,
    history: [
      { createdBy: 'ENV A=1', node: undefined },
      { createdBy: 'RUN x', node: 1 },
      { createdBy: 'CMD y', node: undefined },
    ],
  };
  const made = {
    diffIds: [],
    createdAt: new Map([[1, '2020-01-01T00:00:00.000Z']]),
    now: 'now',
    epochSeconds: undefined,
  };

  it('takes all times from layers, so that a cached build is the same image', () => {
    const config = imageConfig(image, made);
    assert.deepEqual(
      new Set(config.history?.map(entry => entry.created)),
      new Set(['2020-01-01T00:00:00.000Z']),
    );
    assert.equal(config.created, '2020-01-01T00:00:00.000Z');
    assert.deepEqual(imageConfig(image, { ...made, now: 'later' }), config);
  });

  it('leaves empty settings out and marks entries without a layer', () => {
    const config = imageConfig(image, made);
    assert.deepEqual(config.config, { Env: ['A=1'] });
    assert.deepEqual(
      config.history?.map(entry => entry.empty_layer ?? false),
      [true, false, true],
    );
    assert.equal(config.variant, 'v7');
  });

  it('has the time of SOURCE_DATE_EPOCH everywhere', () => {
    const config = imageConfig(image, { ...made, epochSeconds: 0 });
    assert.equal(config.created, '1970-01-01T00:00:00Z');
  });
});

describe('OutputCollector', () => {
  it('joins writes, cuts long ones, keeps characters whole and the end for errors', () => {
    const pieces: string[] = [];
    const output = new OutputCollector(piece => pieces.push(`${piece.stream}:${piece.text}`));
    const smile = Buffer.from('☺');
    output.write('stdout', smile.subarray(0, 1));
    output.write('stdout', smile.subarray(1));
    output.write('stdout', Buffer.from('\n'));
    output.write('stderr', Buffer.from('e'.repeat(20_000)));
    output.write('stderr', Buffer.from('\nlast\n'));
    output.flush();
    assert.equal(pieces[0], 'stdout:☺\n');
    assert.equal(pieces.length, 3);
    assert.ok(pieces.every(piece => piece.length <= 16 * 1024 + 'stderr:'.length));
    assert.equal(output.lastLines(1), 'last');
  });
});
