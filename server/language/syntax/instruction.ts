import { argumentSyntax, findInstructionName } from '../instructions/names.ts';
import { isBlank, isSpace, skipSpace, trimSpaceEnd } from './characters.ts';
import { readFlags } from './flags.ts';
import { readJsonArguments } from './json.ts';
import { type LogicalLine, splitAtBlanks, splitOutsideQuotes } from './line.ts';
import { spanOf, type Word } from './place.ts';
import { type EscapeToken, InstructionNode, type InstructionParts, type Problem, type Span } from './tree.ts';

/** What a joined line says: an instruction without what only the file around it knows. */
export type ParsedLine = Omit<InstructionParts, 'heredocs' | 'comments' | 'innerComments' | 'emptyLines'>;

/** Takes a problem that makes BuildKit's parser stop. */
export type ReportParseProblem = (problem: Omit<Problem, 'phase'>) => void;

interface Arguments {
  readonly args: readonly Word[];
  readonly json?: boolean;
  readonly legacyPair?: boolean;
  readonly trigger?: InstructionNode;
}

/** ONBUILD behind ONBUILD is refused anyway; so many are read. */
const deepest = 8;

/** Reads `start` to the end of a joined line as an instruction. */
export function readInstruction(
  line: LogicalLine,
  options: {
    readonly escapeToken: EscapeToken;
    readonly start?: number;
    readonly report: ReportParseProblem;
    /** How many ONBUILD stand before it. */
    readonly depth?: number;
  },
): ParsedLine {
  const { text } = line;
  const end = trimSpaceEnd(text, 0, text.length);
  const start = skipSpace(text, options.start ?? 0, end);
  let keywordEnd = start;
  while (keywordEnd < end && !isBlank(text.charCodeAt(keywordEnd))) keywordEnd++;
  const { flags, end: flagsEnd } = readFlags(line, skipBlanks(text, keywordEnd), options.escapeToken);
  const restStart = Math.min(skipSpace(text, flagsEnd, end), end);
  const rest = { start: restStart, end: Math.max(end, restStart) };
  const keyword = line.word(start, keywordEnd);
  const name = findInstructionName(keyword.text);
  const reader = new ArgumentReader(line, options);
  const read: Arguments = name ? reader.read(name, rest) : { args: [] };
  return {
    ...spanOf(line.span(start, end)),
    keyword,
    name,
    flags,
    rest: line.word(rest.start, rest.end),
    args: read.args,
    json: read.json ?? false,
    legacyPair: read.legacyPair ?? false,
    trigger: read.trigger,
    source: text.slice(start, end),
  };
}

class ArgumentReader {
  readonly #line: LogicalLine;
  readonly #escapeToken: EscapeToken;
  readonly #report: ReportParseProblem;
  readonly #depth: number;

  constructor(
    line: LogicalLine,
    options: { escapeToken: EscapeToken; report: ReportParseProblem; depth?: number },
  ) {
    this.#line = line;
    this.#depth = options.depth ?? 0;
    this.#escapeToken = options.escapeToken;
    this.#report = options.report;
  }

  read(name: keyof typeof argumentSyntax, rest: Span): Arguments {
    switch (argumentSyntax[name]) {
      case 'words':
        return { args: splitAtBlanks(this.#line, rest) };
      case 'json-or-words':
        return this.#readJson(rest) ?? { args: splitAtBlanks(this.#line, rest) };
      case 'json-or-text':
        return this.#readJson(rest) ?? this.#readText(rest);
      case 'text':
        return this.#readText(rest);
      case 'pairs':
        return this.#readPairs(name, rest);
      case 'names':
        return { args: splitOutsideQuotes(this.#line, rest, this.#escapeToken) };
      case 'healthcheck':
        return this.#readHealthcheck(rest);
      case 'instruction':
        return this.#readTrigger(rest);
    }
  }

  #readText(rest: Span): Arguments {
    return { args: rest.end > rest.start ? [this.#line.word(rest.start, rest.end)] : [] };
  }

  #readJson(rest: Span): Arguments | undefined {
    const read = readJsonArguments(this.#line, rest);
    if (read.kind === 'strings') return { args: read.words, json: true };
    if (read.kind === 'not-strings') {
      const message = 'when using JSON array syntax, arrays must be comprised of strings only';
      const { start, end } = this.#line.span(rest.start, rest.end);
      this.#report({ code: 'json-not-strings', message, start, end });
    }
    return undefined;
  }

  #readPairs(name: string, rest: Span): Arguments {
    const words = splitOutsideQuotes(this.#line, rest, this.#escapeToken);
    const first = words[0];
    if (!first) return { args: [] };
    if (!first.text.includes('=')) return this.#readLegacyPair(name, rest);
    for (const word of words) {
      if (word.text.includes('=')) continue;
      const message = `Syntax error - can't find = in ${JSON.stringify(word.text)}. Must be of the form: name=value`;
      this.#report({ code: 'pair-without-equals', message, start: word.start, end: word.end });
    }
    return { args: words };
  }

  #readLegacyPair(name: string, rest: Span): Arguments {
    const { text } = this.#line;
    let keyEnd = rest.start;
    while (keyEnd < rest.end && !isBlank(text.charCodeAt(keyEnd))) keyEnd++;
    const key = this.#line.word(rest.start, keyEnd);
    if (keyEnd < rest.end) {
      const value = this.#line.word(skipBlanks(text, keyEnd), rest.end);
      return { args: [key, value], legacyPair: true };
    }
    const message = `${name} must have two arguments`;
    this.#report({ code: 'missing-value', message, start: key.start, end: key.end });
    return { args: [key], legacyPair: true };
  }

  #readHealthcheck(rest: Span): Arguments {
    const { text } = this.#line;
    let typeEnd = rest.start;
    while (typeEnd < rest.end && !isSpace(text.charCodeAt(typeEnd))) typeEnd++;
    if (typeEnd === rest.start) return { args: [] };
    const type = this.#line.word(rest.start, typeEnd);
    const command = { start: skipSpace(text, typeEnd, rest.end), end: rest.end };
    const read = this.#readJson(command) ?? this.#readText(command);
    return { ...read, args: [type, ...read.args] };
  }

  #readTrigger(rest: Span): Arguments {
    if (rest.end <= rest.start) return { args: [] };
    if (this.#depth >= deepest) return this.#readText(rest);
    const trigger = readInstruction(this.#line, {
      escapeToken: this.#escapeToken,
      report: this.#report,
      start: rest.start,
      depth: this.#depth + 1,
    });
    const around = { heredocs: [], comments: [], innerComments: [], emptyLines: [], lines: 1 };
    return { args: [], trigger: new InstructionNode(this.#line.anchor, { ...trigger, ...around }) };
  }
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}
