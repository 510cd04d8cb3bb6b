import { NodeMemo } from '../syntax/nodeMemo.ts';
import { parseTree } from '../syntax/parse.ts';
import { PlacedProblem } from '../syntax/problem.ts';
import type { InstructionNode, Problem, Span, Tree } from '../syntax/tree.ts';
import { readFlagValues } from './flags.ts';
import { readFrom } from './from.ts';
import { readHealthcheck } from './healthcheck.ts';
import { instructionNames } from './names.ts';
import { readOnbuild } from './onbuild.ts';
import { type Page, toPages } from './page.ts';
import type { Report } from './report.ts';
import { readCommand, readRun } from './run.ts';
import { readArg, readExpose, readOnlyArgument, readPairs, readShell, readVolume } from './simple.ts';
import { didYouMean, suggestAnyCase } from './suggest.ts';
import { readAdd, readCopy } from './transfer.ts';
import type { ArgInstruction, Dockerfile, FromInstruction, Instruction, ReadNode, Stage } from './types.ts';

/**
 * Reads a Dockerfile: its tree, its instructions, its stages and all that makes a build refuse it. It never
 * fails; check `firstProblem` before building. Of `previous`, the file before a change, what is the same moves to the
 * new file, so that reading costs as much as the change is large: `previous` is used up, as {@link parseTree} tells.
 */
export function parse(text: string, previous?: Dockerfile): Dockerfile {
  return readDockerfile(parseTree(text, previous?.tree), previous);
}

/** The problem that a build stops at, as BuildKit's parser looks at the file before its instructions. */
export function firstProblem(file: Dockerfile): Problem | undefined {
  return file.problems.find(({ phase }) => phase === 'parse') ?? file.problems[0];
}

/** Gives the nodes of a tree their meaning; what one says is read once, wherever it moves. */
export function readDockerfile(tree: Tree, previous?: Dockerfile): Dockerfile {
  const nodes = tree.elements.filter(element => element.kind === 'instruction');
  const pages = toPages(nodes, readNode, previous?.pages);
  const first = pages.findIndex(({ from }) => from);
  const head = first < 0 ? pages : pages.slice(0, first);
  const globalArgs = head.flatMap(page => page.only('ARG'));
  const problems = [
    ...tree.problems,
    ...pages.flatMap(page => page.problems),
    ...head.flatMap(page => page.instructions).flatMap(misplaced),
  ];
  problems.sort((left, right) => left.start - right.start);
  return new ReadFile({ tree, pages, globalArgs, stages: toStages(pages.slice(head.length)), problems });
}

/** Only ARG may stand before the first FROM. */
function misplaced({ kind, node }: Instruction): Problem[] {
  if (kind === 'ARG') return [];
  return [toProblem(node.keyword, 'no-stage', 'no build stage in current context')];
}

function toStages(pages: readonly Page[]): Stage[] {
  const stages: Stage[] = [];
  for (let start = 0; start < pages.length; ) {
    let end = start + 1;
    while (end < pages.length && !pages[end]?.from) end++;
    const from = pages[start]?.from;
    if (from) stages.push(new PagedStage(stages.length, from, pages.slice(start, end)));
    start = end;
  }
  return stages;
}

class ReadFile implements Dockerfile {
  readonly tree: Tree;
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  readonly problems: readonly Problem[];
  readonly #pages: readonly Page[];
  #reads: readonly ReadNode[] | undefined;

  constructor(parts: Omit<Dockerfile, 'reads'>) {
    this.tree = parts.tree;
    this.globalArgs = parts.globalArgs;
    this.stages = parts.stages;
    this.problems = parts.problems;
    this.#pages = parts.pages;
  }

  get pages(): readonly Page[] {
    return this.#pages;
  }

  get reads(): readonly ReadNode[] {
    this.#reads ??= this.#pages.flatMap(({ reads }) => reads);
    return this.#reads;
  }
}

/** Its pages are put together when all of them are asked for. */
class PagedStage implements Stage {
  readonly index: number;
  readonly from: FromInstruction;
  readonly name: string | undefined;
  readonly #pages: readonly Page[];
  #instructions: readonly Instruction[] | undefined;
  #nodes: readonly InstructionNode[] | undefined;

  constructor(index: number, from: FromInstruction, pages: readonly Page[]) {
    this.index = index;
    this.from = from;
    this.name = from.alias?.text.toLowerCase();
    this.#pages = pages;
  }

  get pages(): readonly Page[] {
    return this.#pages;
  }

  get instructions(): readonly Instruction[] {
    this.#instructions ??= this.#pages.flatMap(({ instructions }) => instructions);
    return this.#instructions;
  }

  get nodes(): readonly InstructionNode[] {
    this.#nodes ??= this.#pages.flatMap(({ nodes }) => nodes);
    return this.#nodes;
  }
}

const noProblems: readonly Problem[] = [];

const readOf = new NodeMemo<ReadNode>();

function readNode(node: InstructionNode): ReadNode {
  const known = readOf.get(node);
  if (known) return known;
  const problems: Problem[] = [];
  const report: Report = (...problem) => problems.push(new PlacedProblem(node.anchor, toProblem(...problem)));
  const instruction = readInstruction(node, report);
  const read = { node, instruction, problems: problems.length === 0 ? noProblems : problems };
  readOf.set(node, read);
  return read;
}

function toProblem({ start, end }: Span, ...[code, message, suggestion]: Wording): Problem {
  const problem = { phase: 'instruction', code, message, start, end } as const;
  return suggestion === undefined ? problem : { ...problem, suggestion };
}

type Wording = Parameters<Report> extends [Span, ...infer Rest] ? Rest : never;

function readInstruction(node: InstructionNode, report: Report): Instruction | undefined {
  switch (node.name) {
    case undefined: {
      const meant = suggestAnyCase(node.keyword.text, instructionNames);
      const message = `unknown instruction: ${node.keyword.text}${didYouMean(meant)}`;
      report(node.keyword, 'unknown-instruction', message, meant);
      return undefined;
    }
    case 'FROM':
      return readFrom(node, report);
    case 'RUN':
      return readRun(node, report);
    case 'COPY':
      return readCopy(node, report);
    case 'ADD':
      return readAdd(node, report);
    case 'ENV':
    case 'LABEL':
      return { kind: node.name, node, pairs: readPairs(node, report) };
    case 'ARG':
      return readArg(node, report);
    case 'EXPOSE':
      return readExpose(node, report);
    case 'VOLUME':
      return readVolume(node, report);
    case 'CMD':
    case 'ENTRYPOINT':
      readFlagValues(node, report);
      return { kind: node.name, node, command: readCommand(node) };
    case 'SHELL':
      return readShell(node, report);
    case 'HEALTHCHECK':
      return readHealthcheck(node, report);
    case 'ONBUILD':
      return readOnbuild(node, report, trigger => readInstruction(trigger, () => undefined));
    default:
      return readTextInstruction(node, report);
  }
}

function readTextInstruction(node: InstructionNode, report: Report): Instruction | undefined {
  const word = readOnlyArgument(node, report);
  if (!word) return undefined;
  switch (node.name) {
    case 'USER':
      return { kind: 'USER', node, user: word };
    case 'WORKDIR':
      return { kind: 'WORKDIR', node, path: word };
    case 'STOPSIGNAL':
      return { kind: 'STOPSIGNAL', node, signal: word };
    default:
      return { kind: 'MAINTAINER', node, maintainer: word };
  }
}
