import type { InstructionFacts, StageFacts } from '../evaluation/types.ts';
import type { Instruction } from '../instructions/types.ts';
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
import { PlacedFindings } from './memo.ts';
import { chosenLevel, defaultLintSettings, type LintSettings } from './settings.ts';
import { type Shell, Shells } from './shells.ts';
import { StageStamps } from './stageStamps.ts';
import { declaredNames } from './stageVariables.ts';

/** A finding and whose it is. */
export interface RuleFinding extends EditorFinding {
  readonly rule: Pick<EditorRule, 'id' | 'source' | 'severity' | 'sameAs'>;
}

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
  readonly #known = new WeakMap<object, PlacedFindings<RuleFinding>>();
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
    const shells = new Shells(result.evaluation.stages);
    for (const { node, instruction } of result.file.reads) {
      if (!instruction) continue;
      const shell = shells.before(instruction);
      const variant = shell?.id;
      let known = this.#known.get(node.key);
      if (known?.variant !== variant || known === undefined) {
        const own = this.#inspectInstruction(result, instruction, shell);
        known = new PlacedFindings(own, { nodes: [node], variant });
        this.#known.set(node.key, known);
      }
      if (!known.isEmpty) known.addTo(found, [node]);
    }
    return found;
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
      for (const finding of rule.check(own)) found.push({ ...finding, node, rule });
    }
    const trigger = instruction.kind === 'ONBUILD' ? instruction.trigger : undefined;
    if (!trigger) return found;
    for (const rule of this.#ofInstructions.get(trigger.kind) ?? []) {
      if (!rule.isForTriggers) continue;
      const behind = { ...subject, instruction: trigger, node: trigger.node, isTrigger: true };
      for (const finding of rule.check(behind)) found.push({ ...finding, node, rule });
    }
    return found;
  }

  #inspectStages(result: CheckResult): RuleFinding[] {
    const found: RuleFinding[] = [];
    if (this.#ofStages.length === 0) return found;
    for (const [facts, stamp] of this.#stamps.next(result)) {
      const { nodes } = facts.stage;
      let known = this.#known.get(stamp);
      if (known === undefined) {
        known = new PlacedFindings(this.#inspectStage(result, facts), { nodes, variant: undefined });
        this.#known.set(stamp, known);
      }
      if (!known.isEmpty) known.addTo(found, nodes);
    }
    return found;
  }

  #inspectStage(result: CheckResult, facts: StageFacts): RuleFinding[] {
    const byKind = groupByKind(facts.instructions);
    const only = (kind: InstructionName) => byKind.get(kind) ?? [];
    const globals = new Set(result.file.globalArgs.flatMap(declaredNames));
    const subject = { ...this.#subject(result), facts, only, globals };
    return this.#ofStages.flatMap(rule => [...rule.check(subject)].map(finding => ({ ...finding, rule })));
  }

  #inspectFile(result: CheckResult, { ignore, findSource }: Surroundings): RuleFinding[] {
    const { file, evaluation, walk } = result;
    const subject: FileSubject = {
      ...this.#subject(result),
      file,
      evaluation,
      walk,
      ignore,
      findSource: path => findSource?.(path),
    };
    return this.#ofFile.flatMap(rule => [...rule.check(subject)].map(finding => ({ ...finding, rule })));
  }
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
