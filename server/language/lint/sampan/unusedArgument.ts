import { automaticArguments, predefinedArguments } from '../../evaluation/globalArguments.ts';
import type { StageFacts } from '../../evaluation/types.ts';
import type { ArgInstruction, Instruction } from '../../instructions/types.ts';
import type { EditorFinding, FileRule, FileSubject } from '../editorRule.ts';
import { mentionedNames } from '../mentionedNames.ts';
import { declaredNames } from '../stageVariables.ts';
import { spanOf } from '../walk.ts';

/** Every ARG is used. */
export const unusedArgument: FileRule = {
  id: 'UnusedArgument',
  source: 'sampan',
  scope: 'file',
  severity: 'hint',
  summary: 'An ARG that nothing uses',
  documentation:
    'An argument that no instruction behind it mentions only makes a build forget what it has built when the value changes. One before the first `FROM` has to be declared again in the stages that use it. Programs that `RUN` starts see arguments in their environment without naming them in the Dockerfile.',
  *check(subject) {
    yield* unusedGlobals(subject);
    yield* unusedInStages(subject);
  },
};

function* unusedGlobals({ file }: FileSubject): Generator<EditorFinding> {
  if (file.globalArgs.length === 0) return;
  const used = new Set<string>();
  for (const { from, instructions } of file.stages) {
    for (const name of mentionedNames(from.node)) used.add(name);
    for (const one of instructions)
      if (one.kind === 'ARG') for (const name of declaredNames(one)) used.add(name);
  }
  for (const instruction of file.globalArgs.toReversed()) {
    for (const { key } of instruction.declarations) {
      if (used.has(key.text) || isForTools(key.text)) continue;
      const message = `No FROM and no stage uses the ARG ${key.text}`;
      yield { ...spanOf(key), node: instruction.node, message, tag: 'unnecessary' };
    }
    for (const name of mentionedNames(instruction.node)) used.add(name);
  }
}

interface Behind {
  /** What is mentioned behind this place, and in the stages that are built on it. */
  readonly names: Set<string>;
  hasRun: boolean;
}

function* unusedInStages({ evaluation, file }: FileSubject): Generator<EditorFinding> {
  if (!file.stages.some(({ instructions }) => instructions.some(({ kind }) => kind === 'ARG'))) return;
  const atEnd = new Map<StageFacts, Behind>();
  for (const facts of evaluation.stages.toReversed()) {
    const behind = atEnd.get(facts) ?? { names: new Set(), hasRun: false };
    const { instructions } = facts.stage;
    for (let at = instructions.length - 1; at >= 0; at--) {
      const instruction = instructions[at] as Instruction;
      if (instruction.kind === 'ARG' && mayBeUnused(instruction, behind))
        yield* unusedOf(instruction, behind);
      if (instruction.kind === 'RUN') behind.hasRun = true;
      const names = mentionedNames(instruction.node);
      if (names.length > 0) for (const name of names) behind.names.add(name);
    }
    if (!facts.base) continue;
    const below = atEnd.get(facts.base);
    if (!below) atEnd.set(facts.base, behind);
    else {
      for (const name of behind.names) below.names.add(name);
      below.hasRun ||= behind.hasRun;
    }
  }
}

function mayBeUnused({ declarations }: ArgInstruction, { names }: Behind): boolean {
  return declarations.some(({ key }) => !names.has(key.text));
}

function* unusedOf(instruction: ArgInstruction, { names, hasRun }: Behind): Generator<EditorFinding> {
  for (const { key } of instruction.declarations) {
    if (names.has(key.text) || isForTools(key.text)) continue;
    const message = hasRun
      ? `No instruction uses the ARG ${key.text}: only programs that RUN starts can see it`
      : `No instruction uses the ARG ${key.text}`;
    yield { ...spanOf(key), node: instruction.node, message, tag: 'unnecessary' };
  }
}

// What tools read from their environment, and names that only stand for a cache.
const forTools =
  /^(?:BUILDKIT_\w+|SOURCE_DATE_EPOCH|DEBIAN_FRONTEND|\w*CACHE\w*|\w*BUST\w*|CI|TZ|LANG|LC_\w+|TERM|PATH|HOME|USER|MAKEFLAGS|C(?:XX|PP)?FLAGS|LDFLAGS|CC|CXX|GO[A-Z0-9]+|CGO_\w+|(?:npm|NPM|NODE|YARN|PNPM|PIP|UV|POETRY|PYTHON|CARGO|RUST\w*|MAVEN|GRADLE|JAVA|DOTNET|NUGET|RAILS|BUNDLE|GEM|COMPOSER|NEXT|REACT_APP|VITE|VUE_APP)_\w+)$/i;

/** Those that a build sets are often declared for the tools of a cross compiler. */
const fromBuild = new Set([...predefinedArguments, ...automaticArguments('linux/amd64', '').keys()]);

function isForTools(name: string): boolean {
  return fromBuild.has(name) || forTools.test(name);
}
