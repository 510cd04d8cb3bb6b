import { platformParts } from '../instructions/platform.ts';
import { sourceKind } from '../instructions/sources.ts';
import type { ArgInstruction, Dockerfile, Stage } from '../instructions/types.ts';
import { processWord } from '../shell/word.ts';
import type { EscapeToken, InstructionNode } from '../syntax/tree.ts';

/** The arguments that BuildKit sets by itself, for FROM and for an ARG that asks for them by name. */
export function automaticArguments(platform: string, targetStage: string): Map<string, string> {
  const { system = 'linux', architecture = 'amd64' } = platformParts(platform);
  const variant = platform.split('/')[2] ?? '';
  return new Map([
    ['BUILDPLATFORM', platform],
    ['BUILDOS', system],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', architecture],
    ['BUILDVARIANT', variant],
    ['TARGETPLATFORM', platform],
    ['TARGETOS', system],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant],
    ['TARGETSTAGE', targetStage || 'default'],
  ]);
}

/** Arguments that every build accepts without a declaration; they are no part of the image. */
export const predefinedArguments: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
].flatMap(name => [name, name.toLowerCase()]);

/**
 * The values of the ARG instructions before the first FROM, each seeing those before it; build arguments win over
 * defaults. `onError` gets what is wrong with a default, which is left out then.
 */
export function globalArguments(
  file: Dockerfile,
  options: {
    readonly automatic: ReadonlyMap<string, string>;
    readonly buildArgs: ReadonlyMap<string, string>;
    readonly onError: (node: InstructionNode, error: unknown) => void;
  },
): Map<string, string> {
  const values = new Map(options.automatic);
  for (const [name] of options.automatic) {
    const given = options.buildArgs.get(name);
    if (given !== undefined) values.set(name, given);
  }
  for (const instruction of file.globalArgs) {
    try {
      setDeclared(values, instruction, { ...options, escapeToken: file.tree.escapeToken });
    } catch (error) {
      options.onError(instruction.node, error);
    }
  }
  return values;
}

/** What is wrong with a global SOURCE_DATE_EPOCH: it is seconds, `context`, or a stage from
 * scratch that adds one remote source. */
export function epochProblem(value: string, stages: readonly Stage[]): string | undefined {
  if (value === '' || /^[+-]?\d+$/.test(value) || value === 'context') return undefined;
  const stage = stages.find(({ name }) => name === value.toLowerCase());
  if (!stage) return `invalid SOURCE_DATE_EPOCH: ${value}`;
  const adds = stage.instructions.filter(({ kind }) => kind !== 'ARG');
  const [add] = adds;
  const isSource =
    stage.from.image.text === 'scratch' &&
    adds.length === 1 &&
    add?.kind === 'ADD' &&
    add.sources.length === 1 &&
    sourceKind(add.sources[0]?.text ?? '') !== 'path';
  return isSource ? undefined : 'SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD';
}

function setDeclared(
  values: Map<string, string>,
  instruction: ArgInstruction,
  options: { readonly buildArgs: ReadonlyMap<string, string>; readonly escapeToken: EscapeToken },
): void {
  for (const { key, value } of instruction.declarations) {
    const given = options.buildArgs.get(key.text);
    if (given !== undefined) values.set(key.text, given);
    else if (value) values.set(key.text, processWord(value.text, { ...options, env: values }).text);
  }
}
