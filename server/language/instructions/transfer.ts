import { chomp, readHeredocWord } from '../syntax/heredoc.ts';
import type { InstructionNode, Word } from '../syntax/tree.ts';
import { readFlagValues } from './flags.ts';
import type { Report } from './report.ts';
import type { AddInstruction, CopyInstruction, InlineFile } from './types.ts';

/** COPY with its sources, destination and flags. */
export function readCopy(node: InstructionNode, report: Report): CopyInstruction | undefined {
  const transfer = readTransfer(node, report);
  if (!transfer) return undefined;
  const { flags, ...common } = transfer;
  return { kind: 'COPY', ...common, from: flags.text('from'), parents: flags.switch('parents') ?? false };
}

/** ADD with its sources, destination and flags. */
export function readAdd(node: InstructionNode, report: Report): AddInstruction | undefined {
  const transfer = readTransfer(node, report);
  if (!transfer) return undefined;
  const { flags, ...common } = transfer;
  return {
    kind: 'ADD',
    ...common,
    checksum: flags.text('checksum'),
    keepGitDir: flags.switch('keep-git-dir'),
    unpack: flags.switch('unpack'),
  };
}

function readTransfer(node: InstructionNode, report: Report) {
  const destination = node.args.at(-1);
  if (!destination || node.args.length < 2) {
    const message = `${node.name} requires at least two arguments, but only one was provided. Destination could not be determined`;
    report(node, 'missing-destination', message);
    return undefined;
  }
  const flags = readFlagValues(node, report);
  if (readHeredocWord(destination.text)) {
    report(destination, 'heredoc-destination', `${node.name} cannot accept a heredoc as a destination`);
  }
  const sources: Word[] = [];
  const inlineFiles: InlineFile[] = [];
  for (const source of node.args.slice(0, -1)) {
    const file = readInlineFile(node, source);
    if (file) inlineFiles.push(file);
    else sources.push(source);
  }
  return {
    node,
    sources,
    inlineFiles,
    destination,
    chown: flags.text('chown'),
    chmod: flags.text('chmod'),
    link: flags.switch('link') ?? false,
    exclude: flags.list('exclude'),
    flags,
  };
}

function readInlineFile(node: InstructionNode, source: Word): InlineFile | undefined {
  const word = readHeredocWord(source.text);
  if (!word) return undefined;
  // The last of several with one name counts.
  const heredoc = node.heredocs.findLast(one => one.name === word.name);
  if (!heredoc) return undefined;
  const content = word.chomp ? chomp(heredoc.content) : heredoc.content;
  return { name: word.name, content, expand: word.expand, heredoc };
}
