import type { EditorFinding, FileSubject } from '../lint/editorRule.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Argument, Command } from './command.ts';
import { type Outline, outlineOf, type Step, StepFilter } from './outline.ts';
import { unpinned } from './packages.ts';
import { runScript } from './script.ts';
import { placeFinding } from './scriptRule.ts';

export interface RpmManager {
  readonly names: readonly string[];
  /** Words that make an installation one of something else than packages. */
  readonly groups: readonly string[];
  readonly how: string;
}

/** The check of a rule about packages of yum or dnf without a version. A variable of the file is believed to hold one. */
export function rpmCheck(manager: RpmManager): (subject: FileSubject) => Iterable<EditorFinding> {
  const installing = new StepFilter((step, tree) => suspectsOf(step, { tree, manager }).length > 0);
  return function* ({ file, tree }) {
    const outline = outlineOf(file);
    for (const stages of [outline.stages, outline.triggers]) {
      for (const [at, stage] of stages.entries()) {
        for (const step of stage.where(installing, tree).steps) {
          const packages = suspectsOf(step, { tree, manager });
          const isKnown = (text: string) =>
            text.includes('$') && isDeclared(text, { stages, at, start: step.node.start });
          const finding = unpinned(
            packages.filter(({ text }) => !isKnown(text)),
            manager,
          );
          const place = { tree, node: step.instruction.node };
          if (finding) yield { ...placeFinding(finding, place), node: step.node };
        }
      }
    }
  };
}

/** Packages in a RUN that have no version unless a variable holds one. */
function suspectsOf(
  { instruction }: Step,
  { tree, manager }: { readonly tree: Tree; readonly manager: RpmManager },
): Argument[] {
  if (instruction.kind !== 'RUN') return [];
  return runScript({ tree, node: instruction.node })
    .commands.filter(command => manager.names.includes(command.name) && command.has('install'))
    .flatMap(command => unversioned(command, manager));
}

function unversioned(command: Command, { groups }: RpmManager): Argument[] {
  const operands = command.operands().filter(({ text }) => text !== 'install' && text !== 'module');
  // A module has its stream behind a colon.
  if (command.has('module')) return operands.filter(({ text }) => !text.includes(':'));
  return command.has(...groups) ? [] : operands.filter(({ text }) => !hasVersion(text));
}

function hasVersion(text: string): boolean {
  const [, ...parts] = text.split('-');
  if (parts.length === 0) return false;
  if (text.endsWith('.rpm')) return true;
  return parts.every(part => /^[\w.~^:+]*$/.test(part)) && parts.some(part => /^\d/.test(part));
}

/** A variable behind the name of the package is one that ENV of the stage and its bases, or ARG anywhere before, declares. */
function isDeclared(
  text: string,
  place: { readonly stages: Outline['stages']; readonly at: number; readonly start: number },
): boolean {
  if (!text.includes('-')) return false;
  const { args, environment } = variablesAt(place);
  return [...text.matchAll(/\$\{(\w+)\}/g)].some(([, name = '']) => args.has(name) || environment.has(name));
}

function variablesAt({ stages, at, start }: Parameters<typeof isDeclared>[1]) {
  const args = new Set<string>();
  const environments = new Map<string, ReadonlySet<string>>();
  let environment = new Set<string>();
  for (const [number, { base, alias, steps }] of stages.slice(0, at + 1).entries()) {
    environment = new Set(environments.get(base));
    if (alias !== undefined) environments.set(alias, environment);
    for (const { instruction } of number === at ? steps.filter(({ node }) => node.start < start) : steps) {
      if (instruction.kind === 'ARG') for (const { key } of instruction.declarations) args.add(key.text);
      if (instruction.kind === 'ENV') for (const { key } of instruction.pairs) environment.add(key.text);
    }
  }
  return { args, environment };
}
