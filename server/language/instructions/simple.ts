import { trimSpace } from '../syntax/characters.ts';
import type { InstructionNode, Word } from '../syntax/tree.ts';
import { readFlagValues } from './flags.ts';
import type { Report } from './report.ts';
import type {
  ArgDeclaration,
  ArgInstruction,
  ExposeInstruction,
  KeyValue,
  ShellInstruction,
  VolumeInstruction,
} from './types.ts';

/** The one argument of USER, WORKDIR, STOPSIGNAL and MAINTAINER. */
export function readOnlyArgument(node: InstructionNode, report: Report): Word | undefined {
  const [word] = node.args;
  if (!word) report(node, 'missing-argument', `${node.name} requires exactly one argument`);
  // STOPSIGNAL has no check of its flags in BuildKit.
  if (node.name !== 'STOPSIGNAL') readFlagValues(node, report);
  return word;
}

/** The pairs of ENV and LABEL. */
export function readPairs(node: InstructionNode, report: Report): KeyValue[] {
  readFlagValues(node, report);
  if (!hasArguments(node, report)) return [];
  const pairs = node.legacyPair ? legacyPair(node.args) : node.args.flatMap(splitPair);
  for (const { key } of pairs) {
    if (key.text === '') report(key, 'blank-name', `${node.name} names can not be blank`);
  }
  return pairs;
}

/** ARG with its names and defaults. */
export function readArg(node: InstructionNode, report: Report): ArgInstruction {
  hasArguments(node, report);
  const declarations = node.args.map(word => readDeclaration(word, report));
  return { kind: 'ARG', node, declarations };
}

/** EXPOSE; BuildKit sorts its words. */
export function readExpose(node: InstructionNode, report: Report): ExposeInstruction {
  hasArguments(node, report);
  readFlagValues(node, report);
  const ports = [...node.args].sort((left, right) => (left.text < right.text ? -1 : 1));
  return { kind: 'EXPOSE', node, ports };
}

/** VOLUME with its paths. */
export function readVolume(node: InstructionNode, report: Report): VolumeInstruction {
  hasArguments(node, report);
  readFlagValues(node, report);
  const paths = node.args.map(word => word.withText(trimSpace(word.text)));
  for (const path of paths) {
    if (path.text === '') report(path, 'blank-path', 'VOLUME specified can not be an empty string');
  }
  return { kind: 'VOLUME', node, paths };
}

/** SHELL, which has a JSON form only. */
export function readShell(node: InstructionNode, report: Report): ShellInstruction | undefined {
  readFlagValues(node, report);
  if (!hasArguments(node, report)) return undefined;
  if (node.json) return { kind: 'SHELL', node, words: node.args };
  report(node.rest, 'shell-not-json', 'SHELL requires the arguments to be in JSON form');
  return undefined;
}

function hasArguments(node: InstructionNode, report: Report): boolean {
  if (node.args.length > 0) return true;
  report(node, 'missing-argument', `${node.name} requires at least one argument`);
  return false;
}

function legacyPair([key, value]: readonly Word[]): KeyValue[] {
  return key && value ? [{ key, value, legacy: true }] : [];
}

function splitPair(word: Word): KeyValue[] {
  const equals = word.text.indexOf('=');
  return equals < 0 ? [] : [{ key: head(word, equals), value: tail(word, equals + 1), legacy: false }];
}

function readDeclaration(word: Word, report: Report): ArgDeclaration {
  const equals = word.text.indexOf('=');
  if (equals === 0) report(word, 'blank-name', 'ARG names can not be blank');
  if (equals < 0) return { key: word, value: undefined };
  return { key: head(word, equals), value: tail(word, equals + 1) };
}

// A continuation inside of a word makes it longer in the file: the name is nearly always whole.
function head(word: Word, length: number): Word {
  const { start, end } = word;
  return word.part(word.text.slice(0, length), { start, end: Math.min(start + length, end) });
}

function tail(word: Word, from: number): Word {
  const { start, end } = word;
  return word.part(word.text.slice(from), { start: Math.min(start + from, end), end });
}
