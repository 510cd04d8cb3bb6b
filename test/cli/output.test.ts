import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DetachKeys, parseDetachKeys } from '../../server/cli/attach.ts';
import { filtered, globPattern, hasLabel } from '../../server/cli/filters.ts';
import { dockerfileExcerpt } from '../../server/cli/progress/excerpt.ts';
import { PlainProgress } from '../../server/cli/progress/plain.ts';
import { RawProgress } from '../../server/cli/progress/raw.ts';
import { statusText } from '../../server/cli/rows/containers.ts';
import { imageRows, splitTag } from '../../server/cli/rows/images.ts';
import { layTable } from '../../server/cli/table.ts';
import { ago, ellipsis, goTime, roughDuration } from '../../server/cli/words.ts';
import type { BuildEvent, ContainerInfo } from '../../server/protocol/types.ts';

test('tables align columns at least ten wide, three apart, the last one bare', () => {
  const table = layTable([
    ['ID', 'NAME', 'END'],
    ['123456789012', 'é', 'x'],
  ]);
  assert.equal(table, 'ID             NAME      END\n123456789012   é         x\n');
});

test('what would drive a terminal is shown by number in a table', () => {
  const table = layTable([
    ['NAME', 'LABEL'],
    ['a', 'x\u001b]0;owned\u0007\u009b2J\nFAKE'],
  ]);
  assert.equal(table, 'NAME      LABEL\na         x\\u001b]0;owned\\u0007\\u009b2J\\u000aFAKE\n');
});

test('a container whose end nobody saw has no time of its end', () => {
  const container = { status: 'exited', exitCode: 137 } as ContainerInfo;
  assert.equal(statusText(container, 0), 'Exited (137)');
  assert.equal(
    statusText({ ...container, finishedAt: '1970-01-01T00:00:00Z' }, 5_000),
    'Exited (137) 5 seconds ago',
  );
});

test('durations are docker words', () => {
  const words = [
    500,
    1_000,
    59_000,
    60_000,
    150_000,
    3_600_000,
    47 * 3_600_000,
    3 * 86_400_000,
    800 * 86_400_000,
  ];
  assert.deepEqual(words.map(roughDuration), [
    'Less than a second',
    '1 second',
    '59 seconds',
    'About a minute',
    '2 minutes',
    'About an hour',
    '47 hours',
    '3 days',
    '2 years',
  ]);
  assert.equal(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:05:00Z')), '5 minutes ago');
  assert.equal(goTime('2026-01-02T03:04:05.678Z'), '2026-01-02 03:04:05 +0000 UTC');
  assert.equal(ellipsis('abcdef', 4), 'abc…');
});

test('image references split at the tag, not at a port', () => {
  assert.deepEqual(splitTag('127.0.0.1:5000/a'), { repository: '127.0.0.1:5000/a', name: '<none>' });
  assert.deepEqual(splitTag('127.0.0.1:5000/a:1'), { repository: '127.0.0.1:5000/a', name: '1' });
});

test('an image without a tag is one row of <none>', () => {
  const image = {
    id: `sha256:${'a'.repeat(64)}`,
    tags: [],
    repoDigests: [],
    size: 1_234_567,
    createdAt: '2026-01-01T00:00:00Z',
    containers: [],
    exposedPorts: [],
    volumes: [],
    labels: {},
  };
  const [row] = imageRows(image, { trunc: true, now: Date.parse('2026-01-01T00:00:01Z') });
  assert.deepEqual(
    [row?.Repository, row?.Tag, row?.ID, row?.Size],
    ['<none>', '<none>', 'a'.repeat(12), '1.23MB'],
  );
});

test('filters: values of one key are alternatives, labels must all hold', () => {
  const objects = [
    { name: 'a', labels: { x: '1' } },
    { name: 'b', labels: { x: '1', y: '' } },
  ];
  const tests = {
    name: ({ name }: { name: string }, value: string) => name === value,
    label: ({ labels }: { labels: { [name: string]: string } }, value: string) => hasLabel(labels, value),
  };
  const names = (...texts: string[]) => filtered(objects, { texts, tests }).map(({ name }) => name);
  assert.deepEqual(names('name=a', 'name=b'), ['a', 'b']);
  assert.deepEqual(names('label=x=1', 'label=y'), ['b']);
  assert.throws(() => names('color=red'), { message: /invalid filter 'color'/ });
  assert.throws(() => names('name'), { exitCode: 125 });
  assert.ok(globPattern('sabase/*').test('sabase/busybox') && !globPattern('sab*').test('sabase/busybox'));
});

test('detach keys are found across chunks, and a half match is given back', () => {
  const keys = new DetachKeys(parseDetachKeys('ctrl-p,ctrl-q'));
  assert.deepEqual(keys.filter(Buffer.from('a\x10')), { bytes: Uint8Array.from([97]), detach: false });
  assert.deepEqual(keys.filter(Buffer.from('b')), { bytes: Uint8Array.from([16, 98]), detach: false });
  assert.deepEqual(keys.filter(Buffer.from('\x10\x10\x11')), { bytes: Uint8Array.from([16]), detach: true });
  assert.throws(() => parseDetachKeys('ctrl-1'), { message: /Invalid escape keys/ });
});

test('the excerpt marks the failing lines as BuildKit does', () => {
  const text = 'FROM busybox\n\nRUN a \\\n  b\nCMD x';
  assert.equal(
    dockerfileExcerpt(text, { name: 'Dockerfile', line: 3, endLine: 4 }),
    [
      'Dockerfile:3',
      '--------------------',
      '   2 |     ',
      '   3 | >>> RUN a \\',
      '   4 | >>>   b',
      '   5 |     CMD x',
      '--------------------',
      '',
    ].join('\n'),
  );
});

const events: readonly BuildEvent[] = [
  {
    kind: 'plan',
    steps: [
      { id: 's1', name: '[1/2] FROM busybox', stage: '', inputs: [] },
      { id: 's2', name: '[2/2] RUN x', stage: '', inputs: ['s1'] },
    ],
  },
  { kind: 'start', step: 's1', at: '2026-01-01T00:00:00Z' },
  { kind: 'finish', step: 's1', at: '2026-01-01T00:00:01Z', cached: true, milliseconds: 0 },
  { kind: 'start', step: 's2', at: new Date().toISOString() },
  { kind: 'output', step: 's2', stream: 'stdout', text: 'half' },
  { kind: 'output', step: 's2', stream: 'stdout', text: ' line\nrest' },
  {
    kind: 'finish',
    step: 's2',
    at: '2026-01-01T00:00:02Z',
    cached: false,
    milliseconds: 250,
    error: 'exit code: 1',
  },
];

test('plain progress joins lines and repeats the end of a failing step', () => {
  let text = '';
  const progress = new PlainProgress(chunk => {
    text += chunk;
  });
  for (const event of events) progress.handle(event);
  const shown = text.replace(/\d+\.\d{3}/g, 'T');
  assert.equal(
    shown,
    '\n#1 [1/2] FROM busybox\n#1 CACHED\n\n#2 [2/2] RUN x\n#2 T half line\n#2 T rest\n#2 ERROR: exit code: 1\n',
  );
  assert.match(
    progress.failure('s2'),
    /^------\n > \[2\/2\] RUN x:\n[\d.]+ half line\n[\d.]+ rest\n------\n$/,
  );
});

/** What BuildKit's client would read of a build. */
function solveStatuses(of: readonly BuildEvent[]) {
  const lines: {
    vertexes?: {
      digest: string;
      inputs?: string[];
      name: string;
      cached?: boolean;
      error?: string;
      started?: string;
      completed?: string;
    }[];
    statuses?: {
      id: string;
      vertex: string;
      current: number;
      total?: number;
      started: string;
      completed?: string;
    }[];
    logs?: { vertex: string; stream: number; data: string }[];
    warnings?: {
      vertex: string;
      short: string;
      detail: string[];
      url: string;
      range: object[];
      sourceInfo: object;
    }[];
  }[] = [];
  const progress = new RawProgress(line => lines.push(JSON.parse(line)), {
    name: 'Dockerfile',
    text: 'FROM a\n',
  });
  for (const event of of) progress.handle(event);
  return {
    vertexes: new Map(lines.flatMap(line => line.vertexes ?? []).map(vertex => [vertex.name, vertex])),
    statuses: lines.flatMap(line => line.statuses ?? []),
    logs: lines.flatMap(line => line.logs ?? []),
    warnings: lines.flatMap(line => line.warnings ?? []),
  };
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

test('raw progress gives vertexes with their inputs, names and states, and the logs', () => {
  const { vertexes, logs } = solveStatuses(events);
  const [from, run] = [vertexes.get('[1/2] FROM busybox'), vertexes.get('[2/2] RUN x')];
  assert.equal(from?.cached, true);
  assert.equal(from?.inputs, undefined);
  assert.deepEqual(run?.inputs, [from?.digest]);
  assert.equal(run?.error, 'exit code: 1');
  assert.equal(run?.completed, '2026-01-01T00:00:02Z');
  assert.deepEqual(
    logs.map(({ vertex, stream, data }) => [vertex, stream, decoded(data)]),
    [
      [run?.digest, 1, 'half'],
      [run?.digest, 1, ' line\nrest'],
    ],
  );
});

test('raw progress gives each item of a step a status that begins, grows and ends', () => {
  const progress = { kind: 'progress', step: 's1', item: 'layer', text: 'layer downloading' } as const;
  const { statuses, vertexes } = solveStatuses([
    ...events.slice(0, 2),
    { ...progress, current: 10, total: 30, isDone: false },
    { ...progress, isDone: true },
  ]);
  const [begun, ended] = statuses;
  assert.deepEqual([begun?.id, begun?.current, begun?.total, begun?.completed], ['layer', 10, 30, undefined]);
  assert.deepEqual([ended?.current, ended?.total, ended?.started], [30, 30, begun?.started]);
  assert.ok(ended?.completed);
  assert.equal(begun?.vertex, vertexes.get('[1/2] FROM busybox')?.digest);
});

test('raw progress tells a warning as BuildKit does: of the definition, with address, detail and range', () => {
  const { warnings, vertexes } = solveStatuses([
    {
      kind: 'warning',
      rule: 'StageNameCasing',
      message: "Stage name 'A' should be lowercase",
      description: 'Stage names should be lowercase',
      url: 'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/',
      line: 2,
      endLine: 3,
    },
  ]);
  const [warning] = warnings;
  assert.equal(warning?.vertex, vertexes.get('[internal] load build definition from Dockerfile')?.digest);
  assert.equal(decoded(warning?.short ?? ''), "StageNameCasing: Stage name 'A' should be lowercase (line 2)");
  assert.deepEqual(warning?.detail.map(decoded), ['Stage names should be lowercase']);
  assert.equal(warning?.url, 'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/');
  assert.deepEqual(warning?.range, [{ start: { line: 2 }, end: { line: 3 } }]);
  assert.deepEqual(warning?.sourceInfo, {
    filename: 'Dockerfile',
    data: Buffer.from('FROM a\n').toString('base64'),
    language: 'Dockerfile',
  });
});

test('a step that was stopped is canceled, not failed, in every form', () => {
  const stopped: readonly BuildEvent[] = [
    ...events.slice(0, 4),
    {
      kind: 'finish',
      step: 's2',
      at: '2026-01-01T00:00:02Z',
      cached: false,
      milliseconds: 250,
      error: 'The build was cancelled.',
      isCanceled: true,
    },
  ];
  assert.equal(solveStatuses(stopped).vertexes.get('[2/2] RUN x')?.error, 'context canceled');
  let text = '';
  const plain = new PlainProgress(chunk => {
    text += chunk;
  });
  for (const event of stopped) plain.handle(event);
  assert.match(text, /#2 CANCELED\n$/);
});
