import { automaticArguments, predefinedArguments } from '../../evaluation/globalArguments.ts';
import type { StageFacts } from '../../evaluation/types.ts';
import type { Page } from '../../instructions/page.ts';
import { PageMemo } from '../../syntax/nodeMemo.ts';
import type { InstructionNode, Word } from '../../syntax/tree.ts';
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
  for (const { from, pages } of file.stages) {
    for (const name of mentionedNames(from.node)) used.add(name);
    for (const page of pages)
      for (const one of page.only('ARG')) for (const name of declaredNames(one)) used.add(name);
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

function* unusedInStages({ evaluation }: FileSubject): Generator<EditorFinding> {
  const atEnd = new Map<StageFacts, Behind>();
  for (const facts of evaluation.stages.toReversed()) {
    const behind = atEnd.get(facts) ?? { names: new Set(), hasRun: false };
    for (const page of facts.stage.pages.toReversed()) {
      const mentioned = mentionsOf(page);
      for (const argument of mentioned.open)
        if (!behind.names.has(argument.key.text)) yield tell(argument, behind);
      for (const name of mentioned.names) behind.names.add(name);
      behind.hasRun ||= page.only('RUN').length > 0;
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

function tell({ key, node, isBeforeRun }: OpenArgument, { hasRun }: Behind): EditorFinding {
  const message =
    hasRun || isBeforeRun
      ? `No instruction uses the ARG ${key.text}: only programs that RUN starts can see it`
      : `No instruction uses the ARG ${key.text}`;
  return { ...spanOf(key), node, message, tag: 'unnecessary' };
}

/** What a page mentions. */
interface Mentions {
  readonly names: ReadonlySet<string>;
  /** What it declares and does not mention behind that, from its end. */
  readonly open: readonly OpenArgument[];
}

interface OpenArgument {
  readonly key: Word;
  readonly node: InstructionNode;
  /** A RUN follows in the page. */
  readonly isBeforeRun: boolean;
}

const mentions = new PageMemo<Mentions>();

function mentionsOf(page: Page): Mentions {
  let known = mentions.get(page);
  if (!known) {
    known = findMentions(page);
    mentions.set(page, known);
  }
  return known;
}

function findMentions({ instructions }: Page): Mentions {
  const names = new Set<string>();
  const open: OpenArgument[] = [];
  let isBeforeRun = false;
  for (const instruction of instructions.toReversed()) {
    const { node } = instruction;
    if (instruction.kind === 'ARG') {
      for (const { key } of instruction.declarations) {
        if (!names.has(key.text) && !isForTools(key.text)) open.push({ key, node, isBeforeRun });
      }
    }
    isBeforeRun ||= instruction.kind === 'RUN';
    for (const name of mentionedNames(node)) names.add(name);
  }
  return { names, open };
}

// What tools read from their environment, and names that only stand for a cache.
const forTools =
  /^(?:BUILDKIT_\w+|SOURCE_DATE_EPOCH|DEBIAN_FRONTEND|\w*CACHE\w*|\w*BUST\w*|CI|TZ|LANG|LC_\w+|TERM|PATH|HOME|USER|MAKEFLAGS|C(?:XX|PP)?FLAGS|LDFLAGS|CC|CXX|GO[A-Z0-9]+|CGO_\w+|(?:npm|NPM|NODE|YARN|PNPM|PIP|UV|POETRY|PYTHON|CARGO|RUST\w*|MAVEN|GRADLE|JAVA|DOTNET|NUGET|RAILS|BUNDLE|GEM|COMPOSER|NEXT|REACT_APP|VITE|VUE_APP)_\w+)$/i;

/** Those that a build sets are often declared for the tools of a cross compiler. */
const fromBuild = new Set([...predefinedArguments, ...automaticArguments('linux/amd64', '').keys()]);

function isForTools(name: string): boolean {
  return fromBuild.has(name) || forTools.test(name);
}
