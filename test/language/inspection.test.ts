import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { diagnostics } from '../../server/language/features/diagnostics.ts';
import { defaultHadolintConfiguration } from '../../server/language/hadolint/configuration.ts';
import { check } from '../../server/language/lint/check.ts';
import type { EditorRule, InstructionRule, StageRule } from '../../server/language/lint/editorRule.ts';
import { editorRules } from '../../server/language/lint/editorRules.ts';
import { inspect } from '../../server/language/lint/inspect.ts';
import { Inspector } from '../../server/language/lint/inspector.ts';
import { rules as buildChecks } from '../../server/language/lint/rules.ts';
import { defaultLintSettings, type Level, type LintSettings } from '../../server/language/lint/settings.ts';
import { silencingChanges } from '../../server/language/lint/silencing.ts';
import { inspected } from './inspected.ts';
import { pieces } from './pieces.ts';

const about = { source: 'sampan', severity: 'warning', summary: 's', documentation: 'd' } as const;

/** Finds every WORKDIR. */
const everyWorkdir: InstructionRule = {
  ...about,
  id: 'DL3000',
  scope: 'instruction',
  on: ['WORKDIR'],
  isForTriggers: true,
  sameAs: ['WorkdirRelativePath', 'missing-argument'],
  *check({ node }) {
    yield { start: node.start, end: node.end, message: 'a workdir' };
  },
};

/** Finds the last instruction of every stage and removes its first character. */
const lastOfStage: StageRule = {
  ...about,
  id: 'LastOfStage',
  scope: 'stage',
  *check({ facts: { stage } }) {
    const node = stage.nodes.at(-1);
    if (!node) return;
    const changes = [{ start: node.start, end: node.start + 1, text: '' }];
    yield { start: node.start, end: node.end, node, message: 'the last', fix: { title: 'Cut', changes } };
  },
};

const found = (text: string, options: Parameters<typeof inspected>[1] = {}) =>
  inspected(text, { rules: [everyWorkdir], ...options }).findings.map(({ code, others }) =>
    [code, ...others].join('+'),
  );

const settings = (change: Partial<LintSettings>): { settings: LintSettings } => ({
  settings: { ...defaultLintSettings, ...change },
});
const levels = (...all: [string, Level][]) => settings({ levels: new Map(all) });

describe('one fact that several rules tell', () => {
  test('is found once and names them', () => {
    assert.deepEqual(found('FROM scratch\nWORKDIR a'), ['WorkdirRelativePath+DL3000']);
    assert.deepEqual(found('FROM scratch\nWORKDIR /a'), ['DL3000']);
    const [one] = diagnostics(inspected('FROM scratch\nWORKDIR a', { rules: [everyWorkdir] }));
    assert.match(one?.message ?? '', /\(DL3000\)$/);
  });

  test('is told by the error when it is one', () => {
    const inspection = inspected('FROM scratch\nONBUILD WORKDIR a\nWORKDIR', { rules: [everyWorkdir] });
    assert.deepEqual(
      diagnostics(inspection).map(({ code }) => code),
      ['missing-argument', 'DL3000'],
    );
  });

  test('is silenced by any of its names', () => {
    for (const comment of [
      '# check=skip=WorkdirRelativePath',
      '# check=skip=DL3000',
      '# hadolint ignore=DL3000',
      '# hadolint ignore=DL3001, DL3000 # because of that',
      '#check=skip=all',
    ]) {
      assert.deepEqual(found(`FROM scratch\n${comment}\nWORKDIR a`), [], comment);
    }
    assert.deepEqual(found('FROM scratch\n# hadolint ignore=DL3001\nWORKDIR a').length, 1);
    assert.deepEqual(found('FROM scratch\n# hadolint ignore=DL3000\n\nRUN x\nWORKDIR a').length, 1);
    // As hadolint has it: a pragma counts for the next line, and with all its names or not at all.
    assert.deepEqual(found('FROM scratch\n# hadolint ignore=DL3000\n# more\nWORKDIR a').length, 1);
    assert.deepEqual(found('FROM scratch\n# hadolint ignore=DL3000, this\nWORKDIR a').length, 1);
  });

  test('is silenced for the whole file', () => {
    assert.deepEqual(found('# check=skip=WorkdirRelativePath\nFROM scratch\nWORKDIR a'), []);
    assert.deepEqual(found('# check=skip=DL3000\nFROM scratch\nWORKDIR a'), []);
    assert.deepEqual(found('FROM scratch\nWORKDIR a\n# hadolint global ignore=DL3000\n'), []);
    assert.deepEqual(found('# check=skip=WorkdirRelativePath\nFROM scratch\nWORKDIR /a'), []);
  });

  test('has the level that is chosen for any of its names, ours before those of other tools', () => {
    const text = 'FROM scratch\nWORKDIR a';
    assert.deepEqual(found(text, levels(['DL3000', 'off'])), []);
    assert.deepEqual(found(text, levels(['WorkdirRelativePath', 'off'])), []);
    const severity = (of: LintSettings) =>
      inspected(text, { rules: [everyWorkdir], settings: of }).findings[0]?.severity;
    const hadolint = { ...defaultHadolintConfiguration, severities: new Map([['DL3000', 'info'] as const]) };
    const fallbackLevels = new Map([['WorkdirRelativePath', 'error'] as const]);
    assert.equal(severity(defaultLintSettings), 'warning');
    assert.equal(severity({ ...defaultLintSettings, fallbackLevels }), 'error');
    assert.equal(severity({ ...defaultLintSettings, fallbackLevels, hadolint }), 'information');
    const all = { levels: new Map([['DL3000', 'hint'] as const]), fallbackLevels, hadolint };
    assert.equal(severity(all), 'hint');
  });

  test('pragmas of hadolint do not count where its configuration says so', () => {
    const hadolint = { ...defaultHadolintConfiguration, disableIgnorePragma: true };
    const text = 'FROM scratch\n# hadolint ignore=DL3000\nWORKDIR a';
    assert.deepEqual(found(text, settings({ hadolint })).length, 1);
  });
});

test('a rule that is off is applied where somebody switches it on', () => {
  const rules: EditorRule[] = [{ ...everyWorkdir, sameAs: [], severity: 'off' }];
  const text = 'FROM scratch\nWORKDIR /a';
  assert.deepEqual(found(text, { rules }), []);
  assert.deepEqual(found(text, { rules, ...levels(['DL3000', 'hint']) }), ['DL3000']);
});

test('the instruction behind ONBUILD is looked at where a rule wants it', () => {
  assert.deepEqual(found('FROM scratch\nONBUILD WORKDIR a'), ['DL3000']);
  const { isForTriggers: _, ...rule } = everyWorkdir;
  assert.deepEqual(found('FROM scratch\nONBUILD WORKDIR a', { rules: [rule] }), []);
});

test('a rule knows the SHELL that applies', () => {
  const shells: (readonly string[] | undefined)[] = [];
  const rule: InstructionRule = {
    ...about,
    id: 'X',
    scope: 'instruction',
    on: ['RUN'],
    check({ shell }) {
      shells.push(shell);
      return [];
    },
  };
  inspected('FROM a AS b\nRUN x\nSHELL ["bash"]\nRUN y\nFROM c\nRUN z\nFROM b\nRUN z', { rules: [rule] });
  assert.deepEqual(shells, [undefined, ['bash'], undefined, ['bash']]);
});

test('only what has changed is looked at again', () => {
  const seen: string[] = [];
  const watch: InstructionRule = {
    ...about,
    id: 'X',
    scope: 'instruction',
    on: ['RUN'],
    check({ node }) {
      seen.push(node.rest.text);
      return [];
    },
  };
  const inspector = new Inspector({ rules: [watch] });
  const text = 'FROM a\nRUN one\nUSER a\nRUN two\nRUN three\n';
  const first = check(text);
  inspect(first, inspector);
  inspect(check(text.replace('two', 'four'), { previous: first }), inspector);
  assert.deepEqual(seen, ['one', 'two', 'three', 'four']);
});

test('names of rules are unique', () => {
  const names = [...buildChecks.map(({ name }) => name), ...editorRules.map(({ id }) => id)];
  assert.equal(new Set(names).size, names.length);
});

test('an inspection after changes is that of a text from nothing', () => {
  const rules = [...editorRules, everyWorkdir, lastOfStage];
  const piece = fc.constantFrom(...pieces);
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(40), piece });
  const start = fc.array(piece, { maxLength: 40 }).map(parts => parts.join(''));
  fc.assert(
    fc.property(start, fc.array(edit, { minLength: 1, maxLength: 8 }), (first, edits) => {
      const inspector = new Inspector({ rules });
      let text = first;
      let previous = check(text);
      inspect(previous, inspector);
      for (const { at, length, piece: inserted } of edits) {
        const offset = Math.floor(at * text.length);
        text = text.slice(0, offset) + inserted + text.slice(offset + length);
        previous = check(text, { previous });
        const fresh = inspect(check(text), new Inspector({ rules }));
        assert.deepEqual(inspect(previous, inspector).findings, fresh.findings);
      }
    }),
    { numRuns: 300 },
  );
});

describe('comments that silence', () => {
  const dl3000: EditorRule = { ...everyWorkdir, source: 'hadolint', sameAs: [] };
  const rules: EditorRule[] = [dl3000, { ...everyWorkdir, id: 'Other', sameAs: [] }];
  /** The text with the comment of one title for the one finding of a code. */
  function silenced(text: string, code: string, title: RegExp): string {
    const inspection = inspected(text, { rules });
    const finding = inspection.findings.find(one => one.code === code);
    assert.ok(finding, code);
    const found = silencingChanges(inspection.check.file.tree, finding).find(one => title.test(one.title));
    assert.ok(found, String(title));
    const { start, end, text: own } = found.change;
    const after = text.slice(0, start) + own + text.slice(end);
    const left = inspected(after, { rules }).findings;
    assert.ok(!left.some(one => one.code === code), `${code} is silent in ${after}`);
    assert.equal(left.length, inspection.findings.length - 1, 'and nothing else');
    return after;
  }

  test('are those of hadolint for its rules', () => {
    const text = '# syntax=x\nFROM a\nWORKDIR /b\n';
    const here = '# syntax=x\nFROM a\n# hadolint ignore=DL3000\nWORKDIR /b\n';
    assert.equal(silenced(text, 'DL3000', /instruction/), here);
    const global = '# syntax=x\n# hadolint global ignore=DL3000\nFROM a\nWORKDIR /b\n';
    assert.equal(silenced(text, 'DL3000', /Dockerfile/), global);
  });

  test('are those of BuildKit for all others', () => {
    const text = 'FROM a\nWORKDIR /b\n';
    assert.equal(silenced(text, 'Other', /instruction/), 'FROM a\n# check=skip=Other\nWORKDIR /b\n');
    assert.equal(silenced(text, 'Other', /Dockerfile/), '# check=skip=Other\nFROM a\nWORKDIR /b\n');
  });

  test('are made longer where there is one', () => {
    assert.equal(
      silenced('FROM a\n# check=skip=X\n# so\nWORKDIR /b\n', 'Other', /instruction/),
      'FROM a\n# check=skip=X,Other\n# so\nWORKDIR /b\n',
    );
    assert.equal(
      silenced('FROM a\n# hadolint ignore=DL3001,DL3002 # because\nWORKDIR /b\n', 'DL3000', /instruction/),
      'FROM a\n# hadolint ignore=DL3001,DL3002,DL3000 # because\nWORKDIR /b\n',
    );
  });
});

test('of very many findings the most severe are shown', () => {
  const hints: EditorRule = { ...everyWorkdir, id: 'Hint', severity: 'hint', sameAs: [] };
  const text = `FROM scratch\n${'WORKDIR /a\n'.repeat(800)}RUNN x\n`;
  const all = diagnostics(inspected(text, { rules: [hints, { ...everyWorkdir, sameAs: [] }] }));
  assert.equal(all.length, 1000);
  assert.equal(all.filter(({ code }) => code === 'DL3000').length, 800);
  assert.equal(all[0]?.code, 'unknown-instruction');
});
