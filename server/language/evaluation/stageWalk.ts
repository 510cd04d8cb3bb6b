import { isSampanError } from '../../common/errors.ts';
import { parseSignal } from '../../common/signals.ts';
import { createExpander, type Expander, expandInstruction } from '../instructions/expand.ts';
import { resolveMount } from '../instructions/mount.ts';
import { type PortWord, parsePort } from '../instructions/ports.ts';
import type { SuggestionBudget } from '../instructions/suggest.ts';
import type { ArgInstruction, Dockerfile, Instruction, RunInstruction } from '../instructions/types.ts';
import { processWord } from '../shell/word.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode, Span, Word } from '../syntax/tree.ts';
import { mountProblem } from './mountProblem.ts';
import { transferProblems } from './transferProblems.ts';
import type { ImageFacts, InstructionFacts, UnsetVariable } from './types.ts';

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
  readonly report: (span: Span, code: string, message: string) => void;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Arguments that steer the build and never become variables. */
const silentArguments = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** What was found last of instructions whose facts are fixed. */
const factsOf = new NodeMemo<InstructionFacts>();

/** Goes through the instructions of one stage and keeps what they change for those that follow. */
export class StageWalk {
  readonly facts: InstructionFacts[] = [];
  readonly #options: StageWalkOptions;
  #initialEnv: ReadonlyMap<string, string>;
  #current = new Map<string, string>();
  #declared = new Set<string>();
  /** Names that the file sets. */
  #written = new Set<string>();
  #pending: [span: Span, code: string, message: string][] = [];
  #hasShell: boolean;
  #hasWorkdir = false;
  #workdir = '/';
  #isBaseKnown: boolean;

  constructor(options: StageWalkOptions) {
    this.#options = options;
    this.#hasShell = options.baseImage?.hasShell ?? false;
    this.#isBaseKnown = options.isBaseKnown;
    for (const [name, value] of options.baseImage?.env ?? []) this.#set(name, value);
    if (!this.#current.has('PATH') && !options.platform.startsWith('windows')) this.#set('PATH', defaultPath);
    this.#initialEnv = new Map(this.#current);
  }

  /** The environment before the first instruction. */
  get initialEnv(): ReadonlyMap<string, string> {
    return this.#initialEnv;
  }

  /** Takes over what the stage below, which is finished, has left. */
  inherit(base: StageWalk): void {
    this.#initialEnv = base.#current;
    this.#current = new Map(base.#current);
    this.#declared = new Set(base.#declared);
    this.#written = new Set(base.#written);
    this.#hasShell = base.#hasShell;
    this.#hasWorkdir = base.#hasWorkdir;
    this.#workdir = base.#workdir;
    this.#isBaseKnown = base.#isBaseKnown;
  }

  /** Adds the next instruction; problems and facts of it are at `node`. */
  add(instruction: Instruction, node: InstructionNode): void {
    const known = factsOf.get(instruction.node);
    const isStill = known !== undefined && this.#isStill(known, instruction);
    const facts = isStill ? known : this.#read(instruction, node);
    if (facts.isFixed && !isStill) factsOf.set(instruction.node, facts);
    this.facts.push(facts);
    this.#apply(facts.expanded);
  }

  /** True when facts that were found before hold here as well. */
  #isStill(known: InstructionFacts, instruction: Instruction): boolean {
    return (
      known.instruction === instruction &&
      known.hasShell === this.#hasShell &&
      known.hasWorkdir === this.#hasWorkdir
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
      for (const problem of this.#pending) this.#options.report(...problem);
    }
    return {
      instruction,
      node,
      expanded: withValues,
      unset,
      ports,
      readsContext: readsContext(instruction),
      hasShell: this.#hasShell,
      hasWorkdir: this.#hasWorkdir,
      isFixed: this.#pending.length === 0 && !mayVary(instruction),
    };
  }

  #report(span: Span, code: string, message: string): void {
    this.#pending.push([span, code, message]);
  }

  /** True when a value may come from a base image of which nothing is known: what it means cannot be judged. */
  #mayUseImage({ node }: Instruction): boolean {
    if (this.#isBaseKnown) return false;
    const written = [node.rest, ...node.flags].map(({ text }) => text).join(' ');
    return [...written.matchAll(/\$\{?(\w+)/g)].some(
      ([, name = '']) => !this.#current.has(name) && !this.#declared.has(name),
    );
  }

  #set(name: string, value: string): void {
    this.#current.set(name, value);
  }

  #addUnset(unset: UnsetVariable[], name: string): void {
    if (this.#declared.has(name) || silentArguments.has(name)) return;
    // Of an image that is not known no variable is a likely slip for another.
    const candidates = this.#isBaseKnown ? [...this.#current.keys()] : [...this.#written];
    const suggestion = this.#options.budget.suggest(name, candidates);
    unset.push({ name, suggestion, isCertain: this.#isBaseKnown });
  }

  #expand(instruction: Instruction, unset: UnsetVariable[], at: (span: Span) => Span): Instruction {
    const expander = createExpander(this.#current, {
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
        const problem = mountProblem(resolveMount(flag, expander.word), this.#workdir);
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

  /** What the instruction changes for those that follow. */
  #apply(expanded: Instruction): void {
    switch (expanded.kind) {
      case 'ENV':
        for (const { key, value } of expanded.pairs) {
          this.#set(key.text, value.text);
          this.#written.add(key.text);
        }
        break;
      case 'SHELL':
        this.#hasShell = expanded.words.length > 0;
        break;
      case 'WORKDIR':
        this.#hasWorkdir = true;
        this.#workdir = expanded.path.text.startsWith('/')
          ? expanded.path.text
          : `${this.#workdir}/${expanded.path.text}`;
        break;
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
          const options = { env: this.#current, escapeToken: this.#options.file.tree.escapeToken };
          const expanded = processWord(value.text, options);
          for (const name of expanded.unmatched) this.#addUnset(unset, name);
          result = expanded.text;
        } catch (error) {
          this.#reportError(at(value), error);
        }
      }
      if (result !== undefined && !silentArguments.has(key.text)) this.#set(key.text, result);
      this.#declared.add(key.text);
      this.#written.add(key.text);
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
