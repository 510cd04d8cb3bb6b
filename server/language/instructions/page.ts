import { NodeKey } from '../syntax/nodeMemo.ts';
import type { InstructionName, InstructionNode, Problem } from '../syntax/tree.ts';
import type { FromInstruction, Instruction, ReadNode } from './types.ts';

/** So many instructions have a page at most. */
const most = 64;

/**
 * Instructions that follow each other in one stage, of which the first may be its FROM. What is worked out of them alone is
 * remembered by `key`: an edit makes the pages new that it touches, all others stay the same objects.
 */
export class Page {
  readonly nodes: readonly InstructionNode[];
  readonly reads: readonly ReadNode[];
  /** The stage begins here. */
  readonly from: FromInstruction | undefined;
  /** Without FROM; wrong ones are left out. */
  readonly instructions: readonly Instruction[];
  readonly problems: readonly Problem[];
  readonly key = new NodeKey();
  #readers: readonly Instruction[] | undefined;
  #byKind: ReadonlyMap<InstructionName, readonly Instruction[]> | undefined;

  constructor(reads: readonly ReadNode[]) {
    const [first] = reads;
    this.reads = reads;
    this.nodes = reads.map(({ node }) => node);
    this.from = first?.instruction?.kind === 'FROM' ? first.instruction : undefined;
    const instructions = reads.flatMap(({ instruction }) => instruction ?? []);
    this.instructions = this.from ? instructions.slice(1) : instructions;
    this.problems = reads.flatMap(({ problems }) => problems);
  }

  /** Those that may read from another stage or image. */
  get readers(): readonly Instruction[] {
    this.#readers ??= this.instructions.filter(mayRead);
    return this.#readers;
  }

  /** The instructions of a kind but FROM. */
  only<K extends InstructionName>(kind: K): readonly Extract<Instruction, { kind: K }>[] {
    this.#byKind ??= groupByKind(this.instructions);
    return (this.#byKind.get(kind) ?? none) as readonly Extract<Instruction, { kind: K }>[];
  }
}

function mayRead(instruction: Instruction): boolean {
  if (instruction.kind === 'COPY') return instruction.from !== undefined;
  return instruction.kind === 'RUN' && instruction.mounts.length > 0;
}

const none: readonly Instruction[] = [];

function groupByKind(instructions: readonly Instruction[]): ReadonlyMap<InstructionName, Instruction[]> {
  const byKind = new Map<InstructionName, Instruction[]>();
  for (const instruction of instructions) {
    const group = byKind.get(instruction.kind);
    if (group) group.push(instruction);
    else byKind.set(instruction.kind, [instruction]);
  }
  return byKind;
}

/** Divides the instructions of a file into pages; of `previous`, those of the file before a change, what is the same stays. */
export function toPages(
  nodes: readonly InstructionNode[],
  read: (node: InstructionNode) => ReadNode,
  previous: readonly Page[] = [],
): readonly Page[] {
  const before = countBefore(nodes, previous);
  const behind = countBehind(nodes, previous, before);
  const middle = nodes.slice(before.nodes, nodes.length - behind.nodes);
  return [
    ...previous.slice(0, before.pages),
    ...divide(middle.map(read)),
    ...previous.slice(previous.length - behind.pages),
  ];
}

interface Count {
  readonly pages: number;
  readonly nodes: number;
}

/** What is the same at the beginning. */
function countBefore(nodes: readonly InstructionNode[], previous: readonly Page[]): Count {
  let pages = 0;
  let at = 0;
  for (const page of previous) {
    if (!page.nodes.every((node, index) => node === nodes[at + index])) break;
    at += page.nodes.length;
    pages++;
  }
  return { pages, nodes: at };
}

/** What is the same at the end, without what is the same at the beginning. */
function countBehind(nodes: readonly InstructionNode[], previous: readonly Page[], before: Count): Count {
  let pages = 0;
  let end = nodes.length;
  for (let index = previous.length - 1; index >= before.pages; index--) {
    const own = previous[index]?.nodes ?? [];
    const start = end - own.length;
    if (start < before.nodes || !own.every((node, at) => node === nodes[start + at])) break;
    end = start;
    pages++;
  }
  return { pages, nodes: nodes.length - end };
}

function divide(reads: readonly ReadNode[]): Page[] {
  const pages: Page[] = [];
  let start = 0;
  for (let at = 1; at <= reads.length; at++) {
    const isEnd = at === reads.length || reads[at]?.instruction?.kind === 'FROM';
    if (!isEnd && at - start < most) continue;
    pages.push(new Page(reads.slice(start, at)));
    start = at;
  }
  return pages;
}
