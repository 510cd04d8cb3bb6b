import { processWord, processWords } from '../shell/word.ts';
import type { EscapeToken, Word } from '../syntax/tree.ts';
import type { AddInstruction, CopyInstruction, Instruction, KeyValue } from './types.ts';

/** Replaces variables in the words of one instruction. All throw SampanError `dockerfile-invalid`. */
export interface Expander {
  /** One word for one word. */
  word(text: string): string;
  /** One word can become several, or none. */
  words(text: string): string[];
  /** The body of a heredoc: quotes stay. */
  content(text: string): string;
}

/**
 * An expander for one environment. All variables of one instruction see the values from before it.
 * `onUnset` hears the names of variables that are used but not set.
 */
export function createExpander(
  env: ReadonlyMap<string, string>,
  options: { readonly escapeToken: EscapeToken; readonly onUnset?: (name: string) => void },
): Expander {
  const { escapeToken, onUnset } = options;
  const plain = { env, escapeToken };
  const expand = (text: string, wordOptions: Parameters<typeof processWord>[1]): string => {
    const { text: result, unmatched } = processWord(text, wordOptions);
    if (onUnset) for (const name of unmatched) onUnset(name);
    return result;
  };
  return {
    word: text => (mayChange(text, escapeToken) ? expand(text, plain) : text),
    words: text => processWords(text, plain),
    content: text => expand(text, { env, escapeToken: '\\', skipProcessQuotes: true }),
  };
}

/**
 * The instruction with its variables replaced, where BuildKit replaces them: not in the commands of RUN, CMD,
 * ENTRYPOINT, HEALTHCHECK and ONBUILD, not in `--from` and `--exclude`. FROM is expanded with the global
 * arguments, the value of an ARG name by name, `--mount` by `resolveMount`: these are left as they are.
 */
export function expandInstruction<T extends Instruction>(instruction: T, expander: Expander): T;
export function expandInstruction(instruction: Instruction, expander: Expander): Instruction {
  const one = (word: Word): Word => word.withText(expander.word(word.text));
  switch (instruction.kind) {
    case 'ENV':
    case 'LABEL':
      return { ...instruction, pairs: instruction.pairs.map(pair => expandPair(pair, one)) };
    case 'COPY':
      return expandTransfer(instruction, expander, one);
    case 'ADD': {
      const checksum = instruction.checksum && one(instruction.checksum);
      return { ...expandTransfer(instruction, expander, one), checksum };
    }
    case 'WORKDIR':
      return { ...instruction, path: one(instruction.path) };
    case 'USER':
      return { ...instruction, user: one(instruction.user) };
    case 'STOPSIGNAL':
      return { ...instruction, signal: one(instruction.signal) };
    case 'VOLUME':
      return { ...instruction, paths: instruction.paths.map(one) };
    case 'EXPOSE': {
      const ports = instruction.ports.flatMap(word =>
        expander.words(word.text).map(text => word.withText(text)),
      );
      return { ...instruction, ports };
    }
    default:
      return instruction;
  }
}

function expandPair(pair: KeyValue, one: (word: Word) => Word): KeyValue {
  return { ...pair, key: one(pair.key), value: one(pair.value) };
}

function expandTransfer<T extends CopyInstruction | AddInstruction>(
  instruction: T,
  expander: Expander,
  one: (word: Word) => Word,
): T {
  return {
    ...instruction,
    chown: instruction.chown && one(instruction.chown),
    chmod: instruction.chmod && one(instruction.chmod),
    sources: instruction.sources.map(one),
    destination: one(instruction.destination),
    inlineFiles: instruction.inlineFiles.map(file =>
      file.expand ? { ...file, content: expander.content(file.content) } : file,
    ),
  };
}

function mayChange(text: string, escapeToken: EscapeToken): boolean {
  for (const character of text) {
    if (character === '$' || character === '"' || character === "'" || character === escapeToken) return true;
  }
  return false;
}
