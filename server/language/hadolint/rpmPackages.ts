import type { FileSubject } from '../lint/editorRule.ts';
import type { Argument, Command } from './command.ts';
import { type OutlineStage, outlineOf, type Step } from './outline.ts';
import { unpinned } from './packages.ts';
import { runScript } from './script.ts';
import { placeFinding } from './scriptRule.ts';

/** Packages of yum or dnf without a version. A variable of the file is believed to hold one. */
export function* unpinnedPackages(
  { file, tree }: Pick<FileSubject, 'file' | 'tree'>,
  options: { readonly names: readonly string[]; readonly groups: readonly string[]; readonly how: string },
) {
  const { names, groups, how } = options;
  const outline = outlineOf(file);
  for (const stages of [outline.stages, outline.triggers]) {
    for (const { node, instruction, variables } of withVariables(stages)) {
      if (instruction.kind !== 'RUN') continue;
      const installing = runScript({ tree, node: instruction.node }).commands.filter(
        command => names.includes(command.name) && command.has('install'),
      );
      const packages = installing.flatMap(command =>
        command.has('module')
          ? operandsOf(command).filter(({ text }) => !text.includes(':'))
          : command.has(...groups)
            ? []
            : operandsOf(command).filter(({ text }) => !hasVersion(text, variables())),
      );
      const finding = unpinned(packages, { how });
      if (finding) yield { ...placeFinding(finding, { tree, node: instruction.node }), node };
    }
  }
}

function operandsOf(command: Command): Argument[] {
  return command.operands().filter(({ text }) => text !== 'install' && text !== 'module');
}

function hasVersion(text: string, variables: ReadonlySet<string>): boolean {
  const [, ...parts] = text.split('-');
  if (parts.length === 0) return false;
  if (text.endsWith('.rpm')) return true;
  if (text.includes('$'))
    return [...text.matchAll(/\$\{(\w+)\}/g)].some(([, name = '']) => variables.has(name));
  return parts.every(part => /^[\w.~^:+]*$/.test(part)) && parts.some(part => /^\d/.test(part));
}

interface StepWithVariables extends Step {
  /** Those that ENV of the stage and of its bases, and ARG of the whole file so far, declare. */
  readonly variables: () => ReadonlySet<string>;
}

function* withVariables(stages: readonly OutlineStage[]): Generator<StepWithVariables> {
  const args = new Set<string>();
  const environments = new Map<string, Set<string>>();
  for (const { base, alias, steps } of stages) {
    const environment = new Set(environments.get(base));
    if (alias !== undefined) environments.set(alias, environment);
    const variables = () => new Set([...environment, ...args]);
    for (const step of steps) {
      const { instruction } = step;
      if (instruction.kind === 'ARG') for (const { key } of instruction.declarations) args.add(key.text);
      if (instruction.kind === 'ENV') for (const { key } of instruction.pairs) environment.add(key.text);
      yield { ...step, variables };
    }
  }
}
