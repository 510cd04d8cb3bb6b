import type { InstructionFacts, PageFacts, StageFacts } from '../evaluation/types.ts';
import type { Page } from '../instructions/page.ts';
import type { Instruction } from '../instructions/types.ts';
import { FindingMemo, NodeMemo, PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionName } from '../syntax/tree.ts';
import type { CheckResult } from './check.ts';
import type {
  EditorFinding,
  EditorRule,
  FileRule,
  FileSubject,
  InstructionRule,
  StageRule,
  Surroundings,
} from './editorRule.ts';
import { PlacedFinding } from './placedFinding.ts';
import { PlacedRuleFinding, type RuleFinding } from './ruleFinding.ts';
import { chosenLevel, defaultLintSettings, type LintSettings } from './settings.ts';
import { type Shell, shellOf } from './shells.ts';
import { type StageStamp, StageStamps } from './stageStamps.ts';
import { declaredNames } from './stageVariables.ts';

export interface InspectorOptions {
  readonly rules: readonly EditorRule[];
  readonly settings?: LintSettings;
}

/**
 * Applies the editor's rules to one version of a file after the other. It remembers what the rules of instructions
 * and stages found, so that only what has changed is looked at again. One for each document and settings.
 */
export class Inspector {
  readonly settings: LintSettings;
  readonly #ofInstructions = new Map<InstructionName, InstructionRule[]>();
  readonly #ofStages: StageRule[] = [];
  readonly #ofFile: FileRule[] = [];
  /** What stands for no findings, by the SHELL. */
  readonly #nothing = new Map<string | undefined, Found>();
  /** What the rules of stages found. */
  readonly #known = new WeakMap<StageStamp, readonly RuleFinding[]>();
  readonly #stamps = new StageStamps();

  constructor({ rules, settings = defaultLintSettings }: InspectorOptions) {
    this.settings = settings;
    for (const rule of rules) if (this.#isNeeded(rule)) this.#add(rule);
  }

  /** All that the rules find, by scope; nothing is silenced or merged yet. */
  run(result: CheckResult, around: Surroundings = {}): RuleFinding[] {
    return [
      ...this.#inspectInstructions(result),
      ...this.#inspectStages(result),
      ...this.#inspectFile(result, around),
    ];
  }

  /** Of a rule that is off only what stands for another's finding is of use. */
  #isNeeded({ id, severity, sameAs }: EditorRule): boolean {
    return sameAs !== undefined || (chosenLevel(this.settings, [id]) ?? severity) !== 'off';
  }

  #add(rule: EditorRule): void {
    if (rule.scope === 'stage') this.#ofStages.push(rule);
    else if (rule.scope === 'file') this.#ofFile.push(rule);
    else {
      for (const name of rule.on) {
        const rules = this.#ofInstructions.get(name);
        if (rules) rules.push(rule);
        else this.#ofInstructions.set(name, [rule]);
      }
    }
  }

  #subject({ file: { tree } }: CheckResult) {
    const { text, escapeToken } = tree;
    return { tree, text, escapeToken, configuration: this.settings.hadolint };
  }

  #inspectInstructions(result: CheckResult): RuleFinding[] {
    const found: RuleFinding[] = [];
    const walk = (pages: readonly Page[], first: Shell | undefined): Shell | undefined => {
      let shell = first;
      for (const page of pages) {
        const own = this.#inspectPage(result, page, shell);
        if (own.findings.length > 0) found.push(...own.findings);
        shell = own.shell;
      }
      return shell;
    };
    const { pages, stages } = result.file;
    const [first] = stages;
    walk(first?.pages[0] ? pages.slice(0, pages.indexOf(first.pages[0])) : pages, undefined);
    const atEnd = new Map<StageFacts, Shell | undefined>();
    for (const facts of result.evaluation.stages) {
      atEnd.set(facts, walk(facts.stage.pages, facts.base && atEnd.get(facts.base)));
    }
    return found;
  }

  /** What the rules of instructions find in a page behind a SHELL; what was found there before is known. */
  #inspectPage(result: CheckResult, page: Page, before: Shell | undefined): FoundInPage {
    const known = ofPages.get(page);
    if (known?.finder === this && known.variant === before?.id) return known;
    const findings: RuleFinding[] = [];
    let shell = before;
    for (const { instruction } of page.reads) {
      if (!instruction) continue;
      this.#placeInstruction(findings, result, { instruction, shell });
      if (instruction.kind === 'SHELL') shell = shellOf(instruction);
    }
    const found = { findings, variant: before?.id, finder: this, shell };
    ofPages.set(page, found);
    return found;
  }

  #placeInstruction(
    found: RuleFinding[],
    result: CheckResult,
    { instruction, shell }: { readonly instruction: Instruction; readonly shell: Shell | undefined },
  ): void {
    const { node } = instruction;
    const variant = shell?.id;
    let known = ofNodes.get(node);
    if (known?.finder !== this || known.variant !== variant) {
      const findings = this.#inspectInstruction(result, instruction, shell);
      known = findings.length > 0 ? { findings, variant, finder: this } : this.#foundNothing(variant);
      ofNodes.set(node, known);
    }
    if (known.findings.length > 0) found.push(...known.findings);
  }

  #inspectInstruction(
    result: CheckResult,
    instruction: Instruction,
    shell: Shell | undefined,
  ): RuleFinding[] {
    const found: RuleFinding[] = [];
    const subject = { ...this.#subject(result), shell: shell?.words };
    const { node } = instruction;
    for (const rule of this.#ofInstructions.get(instruction.kind) ?? []) {
      const own = { ...subject, instruction, node, isTrigger: false };
      for (const finding of rule.check(own)) found.push(new PlacedRuleFinding(rule, { ...finding, node }));
    }
    const trigger = instruction.kind === 'ONBUILD' ? instruction.trigger : undefined;
    if (!trigger) return found;
    for (const rule of this.#ofInstructions.get(trigger.kind) ?? []) {
      if (!rule.isForTriggers) continue;
      const behind = { ...subject, instruction: trigger, node: trigger.node, isTrigger: true };
      for (const finding of rule.check(behind)) found.push(new PlacedRuleFinding(rule, { ...finding, node }));
    }
    return found;
  }

  #foundNothing(variant: string | undefined): Found {
    const known = this.#nothing.get(variant) ?? { findings: [], variant, finder: this };
    this.#nothing.set(variant, known);
    return known;
  }

  #inspectStages(result: CheckResult): RuleFinding[] {
    const found: RuleFinding[] = [];
    if (this.#ofStages.length === 0) return found;
    for (const [facts, stamp] of this.#stamps.next(result)) {
      let known = this.#known.get(stamp);
      if (known === undefined) {
        known = this.#inspectStage(result, facts);
        this.#known.set(stamp, known);
      }
      if (known.length > 0) found.push(...known);
    }
    return found;
  }

  #inspectStage(result: CheckResult, facts: StageFacts): RuleFinding[] {
    const only = (kind: InstructionName) => facts.pages.flatMap(page => kindsOf(page).get(kind) ?? []);
    const globals = new Set(result.file.globalArgs.flatMap(declaredNames));
    const subject = { ...this.#subject(result), facts, only, globals };
    return this.#ofStages.flatMap(rule =>
      Array.from(rule.check(subject), finding => new PlacedRuleFinding(rule, finding, facts.stage.nodes)),
    );
  }

  #inspectFile(result: CheckResult, { ignore, findSource }: Surroundings): RuleFinding[] {
    const { file, evaluation } = result;
    const subject: FileSubject = {
      ...this.#subject(result),
      file,
      evaluation,
      ignore,
      findSource: asksOnce(path => findSource?.(path)),
    };
    return this.#ofFile.flatMap(rule =>
      Array.from(rule.check(subject), finding => toRuleFinding(rule, finding)),
    );
  }
}

/** What the rules of instructions found in one. */
interface Found {
  readonly findings: readonly RuleFinding[];
  /** The SHELL that applied. */
  readonly variant: string | undefined;
  readonly finder: Inspector;
}

/** Of the inspector that looked at the instruction last. */
const ofNodes = new NodeMemo<Found>();

interface FoundInPage extends Found {
  /** The SHELL behind it. */
  readonly shell: Shell | undefined;
}

const ofPages = new PageMemo<FoundInPage>();

/** Most paths are named by more than one rule. */
function asksOnce(find: FileSubject['findSource']): FileSubject['findSource'] {
  const known = new Map<string, ReturnType<typeof find>>();
  return path => {
    if (!known.has(path)) known.set(path, find(path));
    return known.get(path);
  };
}

const ofRule = new FindingMemo<RuleFinding>();

/** One that is kept by its rule stays the same. */
function toRuleFinding(rule: FileRule, finding: EditorFinding): RuleFinding {
  if (!(finding instanceof PlacedFinding)) return { ...finding, rule };
  const placed = ofRule.get(finding) ?? new PlacedRuleFinding(rule, finding);
  ofRule.set(finding, placed);
  return placed;
}

const kinds = new PageMemo<ReadonlyMap<InstructionName, InstructionFacts[]>>();

function kindsOf(page: PageFacts): ReadonlyMap<InstructionName, readonly InstructionFacts[]> {
  let known = kinds.get(page);
  if (!known) {
    known = groupByKind(page.instructions);
    kinds.set(page, known);
  }
  return known;
}

function groupByKind(instructions: readonly InstructionFacts[]): Map<InstructionName, InstructionFacts[]> {
  const byKind = new Map<InstructionName, InstructionFacts[]>();
  for (const facts of instructions) {
    const { kind } = facts.instruction;
    const group = byKind.get(kind);
    if (group) group.push(facts);
    else byKind.set(kind, [facts]);
  }
  return byKind;
}
