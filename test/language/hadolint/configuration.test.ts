import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HadolintPragmas, readPragma } from '../../../server/language/hadolint/pragmas.ts';
import { readHadolintConfiguration } from '../../../server/language/hadolint/readConfiguration.ts';
import { defaultLintSettings } from '../../../server/language/lint/settings.ts';
import { parseTree } from '../../../server/language/syntax/parse.ts';
import { inspected } from '../inspected.ts';

/** Codes and severities by a configuration file's data. */
function severities(text: string, data: unknown): string[] {
  const { configuration, problems } = readHadolintConfiguration(data);
  assert.deepEqual(problems, []);
  const settings = { ...defaultLintSettings, hadolint: configuration };
  return inspected(text, { settings }).findings.map(({ code, severity }) => `${code} ${severity}`);
}

describe('a configuration file', () => {
  test('ignores rules and chooses severities, the most severe of several', () => {
    const text = 'FROM a\nRUN wget x\nUSER 1\n';
    assert.deepEqual(severities(text, null), ['DL3006 warning', 'DL3047 information']);
    assert.deepEqual(severities(text, { ignored: ['DL3006'], override: { style: ['DL3047'] } }), [
      'DL3047 hint',
    ]);
    const override = { error: ['DL3006', 'DL3057'], info: ['DL3006'], warning: ['DL3047'] };
    assert.deepEqual(severities(text, { override }), ['DL3057 error', 'DL3006 error', 'DL3047 warning']);
  });

  test('makes errors of what hadolint takes for one, by any name of the fact', () => {
    const text = 'FROM a:1\nWORKDIR b\nUSER 1\n';
    assert.deepEqual(
      inspected(text).findings.map(({ severity }) => severity),
      ['warning'],
    );
    assert.deepEqual(severities(text, {}), ['WorkdirRelativePath error']);
    assert.deepEqual(severities(text, { override: { info: ['DL3000'] } }), [
      'WorkdirRelativePath information',
    ]);
    assert.deepEqual(severities(text, { ignored: ['DL3000'] }), []);
  });

  test('says which registries and labels there are', () => {
    const { configuration } = readHadolintConfiguration({
      trustedRegistries: 'a.com',
      'label-schema': { owner: '', contact: 'email' },
      'strict-labels': true,
      'disable-ignore-pragma': true,
      'failure-threshold': 'style',
      'no-fail': false,
      format: 'json',
    });
    assert.deepEqual(configuration.trustedRegistries, ['a.com']);
    assert.deepEqual(
      [...configuration.labelSchema],
      [
        ['owner', 'text'],
        ['contact', 'email'],
      ],
    );
    assert.deepEqual([configuration.strictLabels, configuration.disableIgnorePragma], [true, true]);
  });

  test('is told what is wrong with it, and counts for the rest', () => {
    const { configuration, problems } = readHadolintConfiguration({
      ignored: ['DL3006', 3],
      override: { errors: ['DL3000'], warning: 'DL3001' },
      'label-schema': { owner: 'name' },
      'strict-labels': 'yes',
      'failure-threshold': 'fatal',
      trusted: [],
    });
    assert.deepEqual(problems.map(({ path }) => path.join('.')).sort(), [
      'failure-threshold',
      'ignored.1',
      'label-schema.owner',
      'override.errors',
      'override.warning',
      'strict-labels',
      'trusted',
    ]);
    assert.deepEqual([...configuration.ignored], ['DL3006']);
    for (const data of [[], 'x', 3]) assert.equal(readHadolintConfiguration(data).problems.length, 1);
  });
});

describe('a pragma', () => {
  test('is read as hadolint reads it', () => {
    assert.deepEqual(readPragma(' hadolint ignore=DL3006,SC2086'), {
      scope: 'line',
      names: ['DL3006', 'SC2086'],
    });
    assert.deepEqual(readPragma('\thadolint  global ignore = DL3006 , DL3007 # both'), {
      scope: 'global',
      names: ['DL3006', 'DL3007'],
    });
    assert.deepEqual(readPragma('hadolint stage ignore=DL3006')?.scope, 'stage');
    for (const other of [
      'hadolint ignore',
      'hadolint ignore=',
      'hadolint ignore=DL3006 this',
      'Hadolint ignore=DL3006',
    ]) {
      assert.equal(readPragma(other), undefined, other);
    }
  });

  const silenced = (text: string, names: readonly string[]): number[] => {
    const tree = parseTree(text);
    const pragmas = HadolintPragmas.read(tree);
    const lines = tree.elements.filter(({ kind }) => kind === 'instruction').map(({ line }) => line);
    return lines.filter(line => pragmas?.silences(names, line));
  };

  test('counts for the next line', () => {
    const text =
      '# hadolint ignore=DL3006\nFROM a\n# hadolint ignore=DL3006\n# x\nRUN y\n# hadolint ignore=DL3006\n';
    assert.deepEqual(silenced(text, ['DL3006']), [1]);
    assert.deepEqual(silenced(text, ['Other', 'DL3006']), [1]);
    assert.deepEqual(silenced(text, ['DL3007']), []);
  });

  test('counts behind the FROM of a stage, up to the next one, as hadolint counts', () => {
    const text = '# hadolint stage ignore=DL3006\nFROM a\nRUN x\nRUN y\nFROM b\nRUN z\n';
    assert.deepEqual(silenced(text, ['DL3006']), [2, 3, 4]);
  });

  test('counts for the file wherever it stands', () => {
    assert.deepEqual(silenced('FROM a\nRUN x\n# hadolint global ignore=DL3006', ['DL3006']), [0, 1]);
  });

  test('counts for nothing when the configuration says so', () => {
    const text = '# hadolint ignore=DL3006\nFROM a\n';
    assert.deepEqual(severities(text, {}), []);
    assert.deepEqual(severities(text, { 'disable-ignore-pragma': true }), ['DL3006 warning']);
  });
});
