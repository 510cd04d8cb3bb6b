import type { Evaluation, StageFacts } from '../evaluation/types.ts';
import { resolveMount } from '../instructions/mount.ts';
import type { ArgDeclaration, ArgInstruction, Mount } from '../instructions/types.ts';
import { processWord } from '../shell/word.ts';
import type { EscapeToken, InstructionNode } from '../syntax/tree.ts';
import { descriptionOf } from './describe.ts';
import { reachableStages } from './reachable.ts';

/** What a target can be built with (BuildKit dockerfile2llb/outline.go); lists are in the order of the file. */
export interface Outline {
  /** Undefined for a stage without one. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly args: readonly OutlineArgument[];
  readonly secrets: readonly OutlineMount[];
  readonly ssh: readonly OutlineMount[];
}

export interface OutlineArgument {
  readonly name: string;
  readonly description: string | undefined;
  /** With the build arguments that were given; undefined when it has none. */
  readonly value: string | undefined;
  readonly node: InstructionNode;
}

/** A secret or an agent that a step asks for; by the first step that does. */
export interface OutlineMount {
  readonly name: string;
  readonly isRequired: boolean;
  readonly node: InstructionNode;
}

/** The arguments, secrets and agents of the stages that `target` needs. The file must have no problems. */
export function outlineOf(
  evaluation: Evaluation,
  { target, buildArgs }: { readonly target: StageFacts; readonly buildArgs: ReadonlyMap<string, string> },
): Outline {
  const globals = globalArguments(evaluation, buildArgs);
  const args = new Map<string, OutlineArgument>();
  const secrets = new Map<string, OutlineMount>();
  const ssh = new Map<string, OutlineMount>();
  for (const facts of reachableStages(evaluation, target)) {
    for (const one of argumentsOf(facts, { globals, buildArgs })) addNew(args, one);
    for (const { mount, node } of mountsOf(facts, evaluation.file.tree.escapeToken)) {
      const { type, required: isRequired } = mount;
      if (type === 'secret') addNew(secrets, { name: secretId(mount), isRequired, node });
      if (type === 'ssh') addNew(ssh, { name: mount.id || 'default', isRequired, node });
    }
  }
  const { name, from } = target.stage;
  return {
    name,
    description: descriptionOf(name, from.node.comments),
    args: inOrder(args),
    secrets: inOrder(secrets),
    ssh: inOrder(ssh),
  };
}

interface GlobalArgument extends OutlineArgument {
  /** Earlier arguments that its default uses. */
  readonly uses: ReadonlySet<string>;
}

function globalArguments(
  { file }: Evaluation,
  buildArgs: ReadonlyMap<string, string>,
): ReadonlyMap<string, GlobalArgument> {
  const found = new Map<string, GlobalArgument>();
  const env = new Map<string, string>();
  for (const { node, declarations } of file.globalArgs) {
    for (const { key, value } of declarations) {
      const name = key.text;
      const given = buildArgs.get(name);
      const expanded =
        given === undefined && value
          ? processWord(value.text, { env, escapeToken: file.tree.escapeToken })
          : undefined;
      const result = given ?? expanded?.text;
      if (result !== undefined) env.set(name, result);
      const uses = new Set(expanded?.matched);
      // An argument that is made of its own earlier value uses what that one used.
      if (uses.delete(name)) for (const use of found.get(name)?.uses ?? []) uses.add(use);
      found.set(name, { ...argument(name, node), value: result, uses });
    }
  }
  return found;
}

/** The arguments that a stage declares, and the global ones behind them and behind its FROM. */
function argumentsOf(
  { image, platform, instructions }: StageFacts,
  known: {
    readonly globals: ReadonlyMap<string, GlobalArgument>;
    readonly buildArgs: ReadonlyMap<string, string>;
  },
): readonly OutlineArgument[] {
  const own = new Map<string, OutlineArgument>();
  const used = new Set([...(image?.matched ?? []), ...(platform?.matched ?? [])]);
  for (const { instruction, expanded, node } of instructions) {
    if (instruction.kind !== 'ARG') continue;
    for (const [index, declaration] of instruction.declarations.entries()) {
      const name = declaration.key.text;
      used.add(name);
      if (isInherited(declaration, known)) continue;
      const value = (expanded as ArgInstruction).declarations[index]?.value?.text;
      own.set(name, { ...argument(name, node), value });
    }
  }
  const found: OutlineArgument[] = [];
  // What is added to the set while it is walked through is visited too.
  for (const name of used) {
    const one = own.get(name) ?? known.globals.get(name);
    if (one) found.push(one);
    if (!own.has(name)) for (const use of known.globals.get(name)?.uses ?? []) used.add(use);
  }
  return found;
}

/** `ARG name` that takes over a global argument is described by that one. */
function isInherited(
  { key, value }: ArgDeclaration,
  known: {
    readonly globals: ReadonlyMap<string, GlobalArgument>;
    readonly buildArgs: ReadonlyMap<string, string>;
  },
): boolean {
  return !value && !known.buildArgs.has(key.text) && known.globals.get(key.text)?.value !== undefined;
}

function argument(name: string, node: InstructionNode): Omit<OutlineArgument, 'value'> {
  return { name, description: descriptionOf(name, node.comments), node };
}

/** The mounts of a stage's steps, with their variables replaced. */
function* mountsOf(
  facts: StageFacts,
  escapeToken: EscapeToken,
): Generator<{ readonly mount: Mount; readonly node: InstructionNode }> {
  const env = new Map(facts.initialEnv);
  for (const { expanded, node } of facts.instructions) {
    if (expanded.kind === 'ENV') for (const { key, value } of expanded.pairs) env.set(key.text, value.text);
    if (expanded.kind === 'ARG')
      for (const { key, value } of expanded.declarations) if (value) env.set(key.text, value.text);
    if (expanded.kind !== 'RUN') continue;
    const expand = (word: string) => processWord(word, { env, escapeToken }).text;
    for (const flag of expanded.mounts) yield { mount: resolveMount(flag, expand), node };
  }
}

/** As RUN finds the secret: by its id, else by the name of the file (BuildKit convert_secrets.go). */
function secretId({ id, source, target }: Mount): string {
  return source || id || (target?.split('/').at(-1) ?? '');
}

function addNew<T extends { readonly name: string }>(all: Map<string, T>, one: T): void {
  if (!all.has(one.name)) all.set(one.name, one);
}

function inOrder<T extends { readonly node: InstructionNode }>(all: ReadonlyMap<string, T>): readonly T[] {
  return [...all.values()].sort((one, other) => one.node.line - other.node.line);
}
