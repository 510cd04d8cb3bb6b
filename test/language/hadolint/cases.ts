import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  defaultHadolintConfiguration,
  type HadolintConfiguration,
} from '../../../server/language/hadolint/configuration.ts';
import { hadolintRules } from '../../../server/language/hadolint/rules.ts';
import type { LintFinding } from '../../../server/language/lint/inspect.ts';
import { defaultLintSettings } from '../../../server/language/lint/settings.ts';
import { parseTree } from '../../../server/language/syntax/parse.ts';
import { inspected } from '../inspected.ts';

/** What a rule says about texts. */
export interface RuleCases {
  /** `»` and `«` are around each piece that is marked; all else is not. */
  readonly marked: readonly string[];
  readonly unmarked: readonly string[];
  /** A text with a finding, and the text with its fix. */
  readonly fixed?: readonly (readonly [before: string, after: string])[];
  /** Texts with a finding that has no safe fix. */
  readonly unfixed?: readonly string[];
  readonly configuration?: Partial<HadolintConfiguration>;
}

/** The findings of one rule alone, in the order of the text. */
export function findingsOf(
  id: string,
  text: string,
  configuration: Partial<HadolintConfiguration> = {},
): readonly LintFinding[] {
  const rule = hadolintRules.find(one => one.id === id);
  assert.ok(rule, id);
  const hadolint = { ...defaultHadolintConfiguration, ...configuration };
  const settings = { ...defaultLintSettings, levels: new Map([[id, 'warning'] as const]), hadolint };
  const { findings } = inspected(text, { rules: [{ ...rule, sameAs: [] }], settings });
  return findings.filter(({ code }) => code === id);
}

/** Makes a test of the cases of each rule. */
export function testRules(tables: { readonly [id: string]: RuleCases }): void {
  for (const [id, { marked, unmarked, fixed, unfixed, configuration }] of Object.entries(tables)) {
    describe(id, () => {
      test('marks', () => {
        for (const written of marked) {
          const text = written.replace(/[»«]/g, '');
          assert.equal(mark(text, findingsOf(id, text, configuration)), written);
        }
      });
      test('lets pass', () => {
        for (const text of unmarked) assert.deepEqual(findingsOf(id, text, configuration), [], text);
      });
      if (fixed) {
        test('mends', () => {
          for (const [before, after] of fixed) assertFix(id, before, after);
        });
      }
      if (unfixed) {
        test('mends nothing that is not sure', () => {
          for (const text of unfixed) {
            const fixes = findingsOf(id, text).map(({ fix }) => fix);
            assert.deepEqual(fixes, [undefined], text);
          }
        });
      }
    });
  }
}

function mark(text: string, findings: readonly LintFinding[]): string {
  return findings.reduceRight(
    (all, { start, end }) => `${all.slice(0, start)}»${all.slice(start, end)}«${all.slice(end)}`,
    text,
  );
}

/** The fix gives the text, has no finding left, and leaves all other instructions as they are. */
function assertFix(id: string, before: string, after: string): void {
  const changes = findingsOf(id, before).flatMap(({ fix }) => fix?.changes ?? []);
  const text = changes
    .toSorted((left, right) => right.start - left.start)
    .reduce((all, one) => all.slice(0, one.start) + one.text + all.slice(one.end), before);
  assert.equal(text, after);
  assert.deepEqual(findingsOf(id, text), [], text);
  const [was, is] = [before, text].map(one => {
    const { elements, problems } = parseTree(one);
    return { kinds: elements.map(({ kind }) => kind), problems: problems.length };
  });
  if (!before.includes('\\\n')) assert.deepEqual(is?.kinds, was?.kinds);
  assert.equal(is?.problems, was?.problems);
}
