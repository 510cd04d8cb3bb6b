import { isSampanError } from '../../common/errors.ts';
import { parseSignal } from '../../common/signals.ts';
import { createExpander, type Expander, expandInstruction } from '../instructions/expand.ts';
import { resolveMount } from '../instructions/mount.ts';
import type { Page } from '../instructions/page.ts';
import { type PortWord, parsePort } from '../instructions/ports.ts';
import type { SuggestionBudget } from '../instructions/suggest.ts';
import type { ArgInstruction, Dockerfile, Instruction, RunInstruction } from '../instructions/types.ts';
import { processWord } from '../shell/word.ts';
import { NodeKey, NodeMemo, PageMemo } from '../syntax/nodeMemo.ts';
import { PlacedProblem } from '../syntax/problem.ts';
import type { InstructionNode, Span, Word } from '../syntax/tree.ts';
import { mountProblem } from './mountProblem.ts';
import { transferProblems } from './transferProblems.ts';
import type { ImageFacts, InstructionFacts, PageFacts, UnsetVariable } from './types.ts';
import { applyChange, type Settings, type VariableChange, type Variables, WalkState } from './walkState.ts';

/** What the walk through one stage needs to know. */
export interface StageWalkOptions {
  readonly file: Dockerfile;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly platform: string;
  readonly baseImage: ImageFacts | undefined;
  /** False when the base image may set variables of which nothing is known. */
  readonly isBaseKnown: boolean;
  readonly budget: SuggestionBudget;
  readonly from: InstructionNode;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Arguments that steer the build and never become variables. */
const silentArguments = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** What was found last of instructions whose facts are fixed. */
const factsOf = new NodeMemo<InstructionFacts>();

/** What was found last in a page, and what it depends on besides it. */
interface WalkedPage {
  readonly facts: PageFacts;
  readonly before: WalkState;
  readonly after: WalkState;
  /** Comparisons that suggestions have cost; infinite when there were too many. */
  readonly spent: number;
  readonly options: Pick<StageWalkOptions, 'globalArgs' | 'buildArgs'>;
}

const walkedOf = new PageMemo<WalkedPage>();

type Pending = readonly [span: Span, code: string, message: string];

/** Goes through the instructions of one stage and keeps what they change for those that follow. */
export class StageWalk {
  readonly pages: PageFacts[] = [];
  readonly #options: StageWalkOptions;
  #initial: WalkState;
  #state: WalkState;
  /** At the current place, when they were asked for at one before it in the same page. */
  #variables: Variables | undefined;
  /** The place of a page where they were asked for last. */
  #known: { readonly state: WalkState; readonly variables: Variables } | undefined;
  #changes: VariableChange[] = [];
  #settings: Settings;
  #pending: Pending[] = [];
  #problems: PageFacts['problems'][number][] = [];
  #index = 0;

  constructor(options: StageWalkOptions) {
    this.#options = options;
    this.#initial = initialState(options);
    this.#state = this.#initial;
    this.#settings = this.#state.settings;
  }

  /** The environment before the first instruction. */
  get initialEnv(): ReadonlyMap<string, string> {
    return this.#initial.variables().current;
  }

  /** Takes over what the stage below, which is finished, has left. */
  inherit(base: StageWalk): void {
    this.#initial = base.#state;
    this.#state = this.#initial;
    this.#settings = this.#state.settings;
  }

  /** Adds the instructions that ONBUILD of the base has brought; all of them are at the FROM. */
  addTriggers(triggers: readonly Instruction[], from: InstructionNode): PageFacts {
    const { facts } = this.#walk(triggers.map(instruction => ({ instruction, node: from })));
    this.pages.push(facts);
    return facts;
  }

  /** Adds the next instructions of the stage. */
  addPage(page: Page): PageFacts {
    let walked = walkedOf.get(page);
    if (walked && this.#isStillSo(walked)) this.#options.budget.spend(walked.spent);
    else {
      walked = this.#walk(page.instructions.map(instruction => ({ instruction, node: instruction.node })));
      walkedOf.set(page, walked);
    }
    this.#state = walked.after;
    this.pages.push(walked.facts);
    return walked.facts;
  }

  /** True when what was found in a page before holds here as well. */
  #isStillSo({ before, spent, options }: WalkedPage): boolean {
    const { globalArgs, buildArgs, budget } = this.#options;
    const isSame = options.globalArgs === globalArgs && options.buildArgs === buildArgs;
    return isSame && before === this.#state && spent <= budget.left;
  }

  #walk(steps: readonly { instruction: Instruction; node: InstructionNode }[]): WalkedPage {
    const { budget, globalArgs, buildArgs } = this.#options;
    const before = this.#state;
    const left = budget.left;
    this.#settings = before.settings;
    this.#changes = [];
    this.#problems = [];
    this.#variables = undefined;
    const instructions = steps.map(({ instruction, node }, index) => {
      this.#index = index;
      return this.#add(instruction, node);
    });
    const after = before.next(this.#settings, this.#changes);
    if (this.#variables) this.#known = { state: after, variables: this.#variables };
    this.#state = after;
    const spent = budget.left < 0 ? Number.POSITIVE_INFINITY : left - budget.left;
    const facts = { instructions, problems: this.#problems, key: new NodeKey() };
    return { facts, before, after, spent, options: { globalArgs, buildArgs } };
  }

  #add(instruction: Instruction, node: InstructionNode): InstructionFacts {
    const known = factsOf.get(instruction.node);
    const isStill = known !== undefined && this.#isStill(known, instruction);
    const facts = isStill ? known : this.#read(instruction, node);
    if (facts.isFixed && !isStill) factsOf.set(instruction.node, facts);
    this.#apply(facts.expanded);
    return facts;
  }

  /** The variables before the current instruction. */
  get #here(): Variables {
    if (!this.#variables) {
      this.#variables = this.#state.variables(this.#known);
      this.#known = undefined;
      for (const change of this.#changes) applyChange(this.#variables, change);
    }
    return this.#variables;
  }

  #change(change: VariableChange): void {
    this.#changes.push(change);
    if (this.#variables) applyChange(this.#variables, change);
  }

  /** True when facts that were found before hold here as well. */
  #isStill(known: InstructionFacts, instruction: Instruction): boolean {
    const { hasShell, hasWorkdir } = this.#settings;
    return (
      known.instruction === instruction && known.hasShell === hasShell && known.hasWorkdir === hasWorkdir
    );
  }

  #read(instruction: Instruction, node: InstructionNode): InstructionFacts {
    const unset: UnsetVariable[] = [];
    const at = (span: Span): Span => (node === instruction.node ? span : node);
    this.#pending = [];
    const isVerbatim = isCommand(instruction) || isPlain(instruction);
    const expanded = isVerbatim ? instruction : this.#expand(instruction, unset, at);
    const ports = expanded.kind === 'EXPOSE' ? this.#readPorts(expanded.ports.map(parsePort), at) : [];
    const withValues = expanded.kind === 'ARG' ? this.#applyArg(expanded, at, unset) : expanded;
    this.#check(expanded, at);
    if (this.#pending.length > 0 && !this.#mayUseImage(instruction)) {
      for (const problem of this.#pending) this.#addProblem(node, ...problem);
    }
    return {
      instruction,
      node,
      expanded: withValues,
      unset,
      ports,
      readsContext: readsContext(instruction),
      hasShell: this.#settings.hasShell,
      hasWorkdir: this.#settings.hasWorkdir,
      isFixed: this.#pending.length === 0 && !mayVary(instruction),
    };
  }

  #addProblem({ anchor }: InstructionNode, ...[{ start, end }, code, message]: Pending): void {
    const problem = new PlacedProblem(anchor, { phase: 'build', code, message, start, end });
    this.#problems.push({ problem, index: this.#index });
  }

  #report(span: Span, code: string, message: string): void {
    this.#pending.push([span, code, message]);
  }

  /** True when a value may come from a base image of which nothing is known: what it means cannot be judged. */
  #mayUseImage({ node }: Instruction): boolean {
    if (this.#settings.isBaseKnown) return false;
    const { current, declared } = this.#here;
    const written = [node.rest, ...node.flags].map(({ text }) => text).join(' ');
    return [...written.matchAll(/\$\{?(\w+)/g)].some(
      ([, name = '']) => !current.has(name) && !declared.has(name),
    );
  }

  #addUnset(unset: UnsetVariable[], name: string): void {
    const { current, declared, written } = this.#here;
    if (declared.has(name) || silentArguments.has(name)) return;
    const { isBaseKnown } = this.#settings;
    // Of an image that is not known no variable is a likely slip for another.
    const candidates = isBaseKnown ? [...current.keys()] : [...written];
    const suggestion = this.#options.budget.suggest(name, candidates);
    unset.push({ name, suggestion, isCertain: isBaseKnown });
  }

  #expand(instruction: Instruction, unset: UnsetVariable[], at: (span: Span) => Span): Instruction {
    const expander = createExpander(this.#here.current, {
      escapeToken: this.#options.file.tree.escapeToken,
      onUnset: name => this.#addUnset(unset, name),
    });
    try {
      return expandInstruction(instruction, expander);
    } catch (error) {
      this.#reportError(at(instruction.node.rest), error);
      return instruction;
    } finally {
      if (instruction.kind === 'RUN') this.#checkMounts(instruction, expander, at);
    }
  }

  #checkMounts(instruction: RunInstruction, expander: Expander, at: (span: Span) => Span): void {
    if (instruction.devices.length > 0) {
      const message = 'device feature is only supported in Dockerfile frontend 1.14.0-labs or later';
      this.#report(at(instruction.node), 'unsupported-device', message);
    }
    for (const flag of instruction.mounts) {
      try {
        const problem = mountProblem(resolveMount(flag, expander.word), this.#settings.workdir);
        if (problem !== undefined) this.#report(at(flag.value), 'invalid-mount', problem);
      } catch (error) {
        this.#reportError(at(flag.value), error, 'invalid-mount');
      }
    }
  }

  #readPorts(ports: PortWord[], at: (span: Span) => Span): PortWord[] {
    for (const { word, error } of ports) {
      if (error !== undefined) this.#report(at(word), 'invalid-port', error);
    }
    return ports;
  }

  /** What the instruction changes for those that follow; ARG has done so already. */
  #apply(expanded: Instruction): void {
    const { workdir } = this.#settings;
    switch (expanded.kind) {
      case 'ENV':
        for (const { key, value } of expanded.pairs) {
          this.#change({ kind: 'ENV', name: key.text, value: value.text });
        }
        break;
      case 'SHELL':
        this.#settings = { ...this.#settings, hasShell: expanded.words.length > 0 };
        break;
      case 'WORKDIR': {
        const { text } = expanded.path;
        const next = text.startsWith('/') ? text : `${workdir}/${text}`;
        this.#settings = { ...this.#settings, hasWorkdir: true, workdir: next };
        break;
      }
    }
  }

  #check(expanded: Instruction, at: (span: Span) => Span): void {
    switch (expanded.kind) {
      case 'STOPSIGNAL':
        if (!isSignal(expanded.signal.text)) {
          const message = `invalid signal: ${expanded.signal.text}`;
          this.#report(at(expanded.signal), 'invalid-signal', message);
        }
        break;
      case 'VOLUME':
        for (const path of expanded.paths) {
          if (path.text !== '') continue;
          this.#report(at(path), 'blank-path', 'VOLUME specified can not be an empty string');
        }
        break;
      case 'COPY':
      case 'ADD':
        for (const { word, code, message } of transferProblems(expanded)) {
          this.#report(at(word), code, message);
        }
        break;
    }
  }

  /** Gives the instruction back with the values that its arguments have got. */
  #applyArg(instruction: ArgInstruction, at: (span: Span) => Span, unset: UnsetVariable[]): ArgInstruction {
    const declarations = instruction.declarations.map(declaration => {
      const { key, value } = declaration;
      const given = this.#options.buildArgs.get(key.text);
      let result = given ?? (value ? plainText(value) : this.#options.globalArgs.get(key.text));
      if (result === undefined && value) {
        try {
          const options = { env: this.#here.current, escapeToken: this.#options.file.tree.escapeToken };
          const expanded = processWord(value.text, options);
          for (const name of expanded.unmatched) this.#addUnset(unset, name);
          result = expanded.text;
        } catch (error) {
          this.#reportError(at(value), error);
        }
      }
      const set = silentArguments.has(key.text) ? undefined : result;
      this.#change({ kind: 'ARG', name: key.text, value: set });
      if (result === undefined || result === value?.text) return declaration;
      return { key, value: (value ?? key).withText(result) };
    });
    return { ...instruction, declarations };
  }

  #reportError(span: Span, error: unknown, code = 'invalid-expression'): void {
    if (!isSampanError(error)) throw error;
    this.#report(span, code, error.message);
  }
}

interface Initial {
  readonly options: Pick<StageWalkOptions, 'baseImage' | 'platform' | 'isBaseKnown'>;
  readonly state: WalkState;
}

/** Of the stage of a FROM. */
const initialOf = new NodeMemo<Initial>();

function initialState({ from, baseImage, platform, isBaseKnown }: StageWalkOptions): WalkState {
  const known = initialOf.get(from);
  const { options } = known ?? {};
  const isSame = options?.baseImage === baseImage && options?.isBaseKnown === isBaseKnown;
  if (known && isSame && options?.platform === platform) return known.state;
  const env = new Map(baseImage?.env);
  if (!env.has('PATH') && !platform.startsWith('windows')) env.set('PATH', defaultPath);
  const hasShell = baseImage?.hasShell ?? false;
  const state = WalkState.first({ hasShell, hasWorkdir: false, workdir: '/', isBaseKnown }, env);
  initialOf.set(from, { options: { baseImage, platform, isBaseKnown }, state });
  return state;
}

/** Any number but 0 passes a build, as in moby: the runtime that sends it may know more than we do. */
function isSignal(text: string): boolean {
  return /^[+-]?\d+$/.test(text) ? Number(text) !== 0 : parseSignal(text) !== undefined;
}

/** Its sources come from the build context. */
function readsContext(instruction: Instruction): boolean {
  if (instruction.kind === 'COPY') return (instruction.from?.text ?? '') === '';
  return instruction.kind === 'ADD';
}

/** True when an instruction can mean something else where other instructions stand before it. */
function mayVary({ kind, node }: Instruction): boolean {
  // An ARG can get its value from elsewhere, the target of a mount is relative to the WORKDIR.
  if (kind === 'ARG') return true;
  if (kind === 'RUN') return node.flags.length > 0;
  // JSON can write a dollar as an escape.
  return node.heredocs.length > 0 || /\$|\\u0024/.test(node.source);
}

// What variables, quotes and escapes are written with, whichever escape character counts.
const expression = /[$"'`\\]/;

/** The text of a word in which nothing is to be replaced. */
function plainText({ text }: Word): string | undefined {
  return expression.test(text) ? undefined : text;
}

/** An instruction that means the same whatever is set: nothing in it is replaced or resolved. */
function isPlain({ kind, node }: Instruction): boolean {
  // The value of an ARG comes from elsewhere, a word of EXPOSE can be several, a mount has its own rules.
  if (kind === 'ARG' || kind === 'EXPOSE' || kind === 'RUN') return false;
  return node.heredocs.length === 0 && !expression.test(node.source);
}

/** A command without anything that a build replaces. */
function isCommand(instruction: Instruction): boolean {
  if (instruction.kind === 'RUN') return instruction.node.flags.length === 0;
  return instruction.kind === 'CMD' || instruction.kind === 'ENTRYPOINT';
}
