import type { Element, Flag, Heredoc, InstructionNode, Problem, Span, Word } from './tree.ts';

/** How far something moves when text before it changes. */
export interface Shift {
  readonly offset: number;
  readonly lines: number;
}

/** The element, farther down or up in the file. */
export function shiftElement(element: Element, by: Shift): Element {
  const line = element.line + by.lines;
  const endLine = element.endLine + by.lines;
  switch (element.kind) {
    case 'instruction':
      return { ...shiftNode(element, by), line, endLine };
    case 'directive': {
      const name = shiftWord(element.name, by);
      return { ...shiftSpan(element, by), name, value: shiftWord(element.value, by), line, endLine };
    }
    default:
      return { ...shiftSpan(element, by), line, endLine };
  }
}

/** The problem, farther down or up in the file. */
export function shiftProblem(problem: Problem, by: Shift): Problem {
  return shiftSpan(problem, by);
}

/** All but its own lines: those of a trigger are always 0. */
function shiftNode(node: InstructionNode, by: Shift): InstructionNode {
  return {
    ...node,
    start: node.start + by.offset,
    end: node.end + by.offset,
    keyword: shiftWord(node.keyword, by),
    flags: node.flags.map(flag => shiftFlag(flag, by)),
    rest: shiftWord(node.rest, by),
    args: node.args.map(word => shiftWord(word, by)),
    heredocs: node.heredocs.map(heredoc => shiftHeredoc(heredoc, by)),
    trigger: node.trigger && shiftNode(node.trigger, by),
    innerComments: node.innerComments.map(span => shiftSpan(span, by)),
    emptyLines: node.emptyLines.map(line => line + by.lines),
  };
}

function shiftFlag(flag: Flag, by: Shift): Flag {
  return {
    ...shiftWord(flag, by),
    name: shiftWord(flag.name, by),
    value: flag.value && shiftWord(flag.value, by),
  };
}

function shiftHeredoc(heredoc: Heredoc, by: Shift): Heredoc {
  return {
    ...heredoc,
    marker: shiftSpan(heredoc.marker, by),
    body: shiftSpan(heredoc.body, by),
    terminator: heredoc.terminator && shiftSpan(heredoc.terminator, by),
  };
}

function shiftWord({ text, start, end }: Word, { offset }: Shift): Word {
  return { text, start: start + offset, end: end + offset };
}

function shiftSpan<T extends Span>(span: T, { offset }: Shift): T {
  return { ...span, start: span.start + offset, end: span.end + offset };
}
