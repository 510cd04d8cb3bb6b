import { SampanError } from '../../common/errors.ts';
import { readReference } from '../../common/reference.ts';
import { platformProblem } from '../instructions/platform.ts';
import { didYouMean, SuggestionBudget, suggest } from '../instructions/suggest.ts';
import type { Dockerfile, Instruction, Stage } from '../instructions/types.ts';
import { type ExpandedWord, processWord } from '../shell/word.ts';
import type { Problem, Span, Word } from '../syntax/tree.ts';
import { automaticArguments, epochProblem, globalArguments } from './globalArguments.ts';
import { type GraphNode, StageGraph, type StageUse } from './stageGraph.ts';
import { StageWalk } from './stageWalk.ts';
import { readTrigger } from './triggers.ts';
import type {
  Evaluation,
  InstructionFacts,
  PageFacts,
  ReevaluationOptions,
  StageFacts,
  UnsetVariable,
} from './types.ts';

const scratch = 'scratch';
const defaultPlatform = 'linux/amd64';

/**
 * Goes through all stages of a file as a build does before it runs anything: replaces variables, finds the stages
 * that are read from, and notes what makes a build refuse the file. It goes on behind problems, and makes the best
 * of files that do not parse. What is known of an instruction is taken over where nothing can have changed.
 */
export function evaluate(file: Dockerfile, options: ReevaluationOptions = {}): Evaluation {
  return new Evaluator(file, options).run();
}

interface OpenStage {
  readonly stage: Stage;
  readonly node: GraphNode;
  readonly facts: StageFacts;
  readonly walk: StageWalk;
  readonly uses: Map<Instruction, StageUse[]>;
  readonly triggers: Instruction[];
}

class Evaluator {
  readonly #file: Dockerfile;
  readonly #options: ReevaluationOptions;
  readonly #problems: Problem[] = [];
  readonly #graph = new StageGraph();
  readonly #budget = new SuggestionBudget();
  readonly #byNode = new Map<GraphNode, OpenStage>();
  readonly #stages: OpenStage[] = [];
  readonly #automatic: ReadonlyMap<string, string>;
  #globalArgs: ReadonlyMap<string, string> = new Map();
  #phase: Problem['phase'] = 'from';

  constructor(file: Dockerfile, options: ReevaluationOptions) {
    this.#file = file;
    this.#options = options;
    const platform = options.platform ?? defaultPlatform;
    this.#automatic = automaticArguments(platform, file.stages.at(-1)?.name ?? '');
  }

  run(): Evaluation {
    if (this.#file.stages.length === 0) this.#reportNoStage();
    const automatic = this.#automatic;
    const buildArgs = this.#options.buildArgs ?? noArguments;
    const onError = (span: Span, error: unknown): void => this.#reportError(span, error);
    const globalArgs = globalArguments(this.#file, { automatic, buildArgs, onError });
    const before = this.#options.previous?.globalArgs;
    this.#globalArgs = before && isSame(before, globalArgs) ? before : globalArgs;
    this.#checkEpoch(buildArgs);
    const defaults = globalArguments(this.#file, {
      automatic,
      buildArgs: noArguments,
      onError: () => undefined,
    });
    for (const stage of this.#file.stages) this.#openStage(stage, defaults);
    this.#phase = 'graph';
    for (const open of this.#stages) {
      for (const { readers } of open.stage.pages) if (readers.length > 0) this.#addUses(open, readers);
    }
    this.#checkCycle();
    this.#checkReferences();
    this.#addTriggers();
    this.#phase = 'build';
    this.#walkStages();
    return {
      file: this.#file,
      globalArgs: this.#globalArgs,
      stages: this.#stages.map(({ facts }) => facts),
      problems: this.#problems,
    };
  }

  #reportNoStage(): void {
    if (this.#file.problems.length > 0) return;
    const end = this.#file.tree.text.length;
    this.#report({ start: end, end }, 'no-stage', 'dockerfile contains no stages to build');
  }

  #checkEpoch(buildArgs: ReadonlyMap<string, string>): void {
    const name = 'SOURCE_DATE_EPOCH';
    const value = buildArgs.get(name) ?? this.#globalArgs.get(name) ?? '';
    const problem = epochProblem(value, this.#file.stages);
    const declaring = this.#file.globalArgs.findLast(({ declarations }) =>
      declarations.some(({ key }) => key.text === name),
    );
    if (problem !== undefined)
      this.#report(declaring?.node ?? { start: 0, end: 0 }, 'invalid-epoch', problem);
  }

  #openStage(stage: Stage, defaults: ReadonlyMap<string, string>): void {
    const { from } = stage;
    const image = this.#expand(from.image, this.#globalArgs);
    if (image?.text === '' && from.image.text !== '') {
      this.#report(from.image, 'blank-image', `base name (${from.image.text}) should not be blank`);
    }
    const platform = from.platform && this.#expandPlatform(from.platform);
    const node = this.#graph.addStage({
      name: stage.name,
      baseName: image?.text ?? from.image.text,
      where: from.node,
    });
    const base = this.#baseOf(node);
    const baseImage = base ? base.facts.baseImage : this.#findImage(node.baseName);
    const walk = new StageWalk({
      file: this.#file,
      globalArgs: this.#globalArgs,
      buildArgs: this.#options.buildArgs ?? noArguments,
      platform: platform?.text ?? base?.facts.platform?.text ?? this.#options.platform ?? defaultPlatform,
      baseImage,
      budget: this.#budget,
      isBaseKnown: baseImage !== undefined || node.baseName === scratch,
      from: from.node,
    });
    const facts = new WalkedStage(walk, {
      stage,
      image,
      defaultImage: silently(() => processWord(from.image.text, this.#wordOptions(defaults)).text),
      platform,
      base: base?.facts,
      unsetInFrom: [...this.#unsetInFrom(image), ...this.#unsetInFrom(platform)],
      baseImage,
    });
    const open = { stage, node, facts, walk, uses: new Map(), triggers: [] };
    this.#stages.push(open);
    this.#byNode.set(node, open);
  }

  #baseOf(node: GraphNode): OpenStage | undefined {
    return node.base && this.#byNode.get(node.base);
  }

  #findImage(name: string) {
    return name === scratch ? undefined : this.#options.findImage?.(name);
  }

  #expandPlatform(word: Word): ExpandedWord | undefined {
    const expanded = this.#expand(word, this.#globalArgs);
    if (!expanded) return undefined;
    const problem =
      expanded.text === ''
        ? `empty platform value from expression ${word.text}`
        : platformProblem(expanded.text);
    if (problem === undefined) return expanded;
    const [unset] = expanded.unmatched;
    const hint = unset === undefined ? undefined : suggest(unset, this.#globalArgs.keys());
    const prefix = expanded.text === '' ? '' : `failed to parse platform ${word.text}: `;
    this.#report(word, 'invalid-platform', `${prefix}${problem}${didYouMean(hint)}`);
    return expanded;
  }

  #unsetInFrom(expanded: ExpandedWord | undefined): UnsetVariable[] {
    if (expanded === undefined || expanded.unmatched.size === 0) return [];
    const declared = new Set(this.#globalArgs.keys());
    for (const { declarations } of this.#file.globalArgs) {
      for (const { key } of declarations) declared.add(key.text);
    }
    return [...expanded.unmatched]
      .filter(name => !declared.has(name))
      .map(name => ({ name, suggestion: suggest(name, declared), isCertain: true }));
  }

  #addUses(open: OpenStage, instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      if (instruction.kind !== 'COPY' && instruction.kind !== 'RUN') continue;
      try {
        const uses = this.#graph.addUses(open.node, instruction, (word, code, message) =>
          this.#report(word, code, message),
        );
        if (uses.length > 0) open.uses.set(instruction, uses);
      } catch (error) {
        this.#reportError(instruction.node, error);
      }
    }
  }

  #checkCycle(): void {
    const cycle = this.#graph.findCycle();
    if (!cycle) return;
    const name = cycle.name ?? String(cycle.index);
    this.#report(cycle.where, 'circular-dependency', `circular dependency detected on stage: ${name}`);
  }

  #checkReferences(): void {
    for (const node of this.#graph.nodes) {
      if (node.base || node.baseName === scratch || node.baseName === '') continue;
      const { problem } = readReference(node.baseName);
      if (problem === undefined) continue;
      const open = this.#byNode.get(node);
      const message = `failed to parse stage name ${JSON.stringify(node.baseName)}: ${problem}`;
      this.#report(open?.stage.from.image ?? node.where, 'invalid-reference', message);
    }
  }

  /** ONBUILD instructions of the base run in the stages that the last one needs. */
  #addTriggers(): void {
    const needed = new Set<GraphNode>();
    const need = (first: GraphNode | undefined): void => {
      const open = [first];
      while (open.length > 0) {
        const node = open.pop();
        if (!node || needed.has(node)) continue;
        needed.add(node);
        open.push(node.base, ...node.dependencies);
      }
    };
    const last = this.#stages.at(-1);
    need(last?.node);
    for (const open of this.#stages) {
      if (!needed.has(open.node)) continue;
      this.#addTriggersOf(open);
      for (const dependency of open.node.dependencies) need(dependency);
    }
  }

  #addTriggersOf(open: OpenStage): void {
    const base = this.#baseOf(open.node);
    const inherited = base?.stage.pages.flatMap(page =>
      page.only('ONBUILD').map(({ expression }) => expression),
    );
    for (const expression of inherited ?? open.facts.baseImage?.onbuild ?? []) {
      const { instruction, problem } = readTrigger(expression);
      if (problem !== undefined) this.#report(open.stage.from.node, 'invalid-trigger', problem);
      if (instruction) open.triggers.push(instruction);
    }
    this.#addUses(open, open.triggers);
  }

  #walkStages(): void {
    const done = new Set<GraphNode>(this.#graph.nodes.filter(node => node.index === undefined));
    for (const open of this.#stages) {
      const base = this.#baseOf(open.node);
      if (base) open.walk.inherit(base.walk);
      done.add(open.node);
      const { from, pages } = open.stage;
      if (open.triggers.length > 0) {
        const facts = open.walk.addTriggers(open.triggers, from.node);
        this.#addProblems(facts, this.#earlyUses(open, { instructions: open.triggers, facts, done }));
      }
      for (const page of pages) {
        const facts = open.walk.addPage(page);
        if (facts.problems.length === 0 && page.readers.length === 0) continue;
        this.#addProblems(facts, this.#earlyUses(open, { instructions: page.readers, facts, done }));
      }
    }
  }

  /** What reads from a stage that is not there yet. */
  #earlyUses(
    open: OpenStage,
    {
      instructions,
      facts,
      done,
    }: {
      readonly instructions: readonly Instruction[];
      readonly facts: PageFacts;
      readonly done: ReadonlySet<GraphNode>;
    },
  ): PageFacts['problems'] {
    return instructions.flatMap(instruction => {
      const uses = open.uses.get(instruction)?.filter(({ source }) => !done.has(source)) ?? [];
      if (uses.length === 0) return [];
      const index = facts.instructions.findIndex(one => one.instruction === instruction);
      const node = facts.instructions[index]?.node ?? instruction.node;
      return uses.map(use => {
        const { start, end } = node === instruction.node ? use.word : node;
        const message = notYetDefined(instruction, use, open);
        return { index, problem: { phase: 'build', code: 'stage-not-yet-defined', message, start, end } };
      });
    });
  }

  /** In the order of the instructions; the own problems of one come first. */
  #addProblems({ problems }: PageFacts, more: PageFacts['problems']): void {
    const all =
      more.length === 0 ? problems : [...problems, ...more].sort((one, other) => one.index - other.index);
    for (const { problem } of all) this.#problems.push(problem);
  }

  #expand(word: Word, env: ReadonlyMap<string, string>): ExpandedWord | undefined {
    try {
      return processWord(word.text, this.#wordOptions(env));
    } catch (error) {
      this.#reportError(word, error);
      return undefined;
    }
  }

  #wordOptions(env: ReadonlyMap<string, string>) {
    return { env, escapeToken: this.#file.tree.escapeToken };
  }

  #reportError(span: Span, error: unknown): void {
    if (!(error instanceof SampanError)) throw error;
    this.#report(span, 'invalid-expression', error.message);
  }

  #report({ start, end }: Span, code: string, message: string): void {
    this.#problems.push({ phase: this.#phase, code, message, start, end });
  }
}

const noArguments: ReadonlyMap<string, string> = new Map();

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}

/** What is to be put together from pages is so when it is asked for. */
class WalkedStage implements StageFacts {
  readonly stage: Stage;
  readonly image: StageFacts['image'];
  readonly defaultImage: StageFacts['defaultImage'];
  readonly platform: StageFacts['platform'];
  readonly base: StageFacts['base'];
  readonly unsetInFrom: StageFacts['unsetInFrom'];
  readonly baseImage: StageFacts['baseImage'];
  readonly #walk: StageWalk;
  #initialEnv: ReadonlyMap<string, string> | undefined;
  #instructions: readonly InstructionFacts[] | undefined;

  constructor(walk: StageWalk, facts: Omit<StageFacts, 'initialEnv' | 'instructions' | 'pages'>) {
    this.stage = facts.stage;
    this.image = facts.image;
    this.defaultImage = facts.defaultImage;
    this.platform = facts.platform;
    this.base = facts.base;
    this.unsetInFrom = facts.unsetInFrom;
    this.baseImage = facts.baseImage;
    this.#walk = walk;
  }

  get initialEnv(): ReadonlyMap<string, string> {
    this.#initialEnv ??= this.#walk.initialEnv;
    return this.#initialEnv;
  }

  get pages(): readonly PageFacts[] {
    return this.#walk.pages;
  }

  get instructions(): readonly InstructionFacts[] {
    this.#instructions ??= this.pages.flatMap(({ instructions }) => instructions);
    return this.#instructions;
  }
}

function notYetDefined(instruction: Instruction, use: StageUse, open: OpenStage): string {
  const from = JSON.stringify(use.word.text);
  if (instruction.kind === 'RUN') {
    return `cannot mount from stage ${from}, stage needs to be defined before current command`;
  }
  const current = JSON.stringify(open.stage.name ?? `stage-${open.stage.index}`);
  return `cannot copy from stage ${from}, it needs to be defined before current stage ${current}`;
}

function silently<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof SampanError) return undefined;
    throw error;
  }
}
