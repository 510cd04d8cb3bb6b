import { modeProblem, sourceKind } from '../instructions/sources.ts';
import type { AddInstruction, CopyInstruction } from '../instructions/types.ts';
import type { Span } from '../syntax/tree.ts';

export interface TransferProblem {
  readonly word: Span;
  readonly code: string;
  readonly message: string;
}

const digest = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/** What makes a build refuse a COPY or ADD whose variables are replaced, without looking at files. */
export function transferProblems(instruction: CopyInstruction | AddInstruction): TransferProblem[] {
  const problems: TransferProblem[] = [];
  const mode = instruction.chmod;
  const wrongMode = mode && mode.text !== '' ? modeProblem(mode.text) : undefined;
  if (mode && wrongMode !== undefined) {
    problems.push({ word: mode, code: 'invalid-mode', message: wrongMode });
  }
  if (instruction.kind === 'ADD') problems.push(...checksumProblems(instruction));
  else problems.push(...remoteSourceProblems(instruction));
  return problems;
}

function remoteSourceProblems(instruction: CopyInstruction): TransferProblem[] {
  return instruction.sources.flatMap(word => {
    const kind = sourceKind(word.text);
    if (kind === 'path') return [];
    const message = `source can't be a ${kind === 'git' ? 'git ref' : 'URL'} for COPY`;
    return [{ word, code: 'remote-source', message }];
  });
}

function checksumProblems(instruction: AddInstruction): TransferProblem[] {
  const word = instruction.checksum;
  if (!word || word.text === '') return [];
  const [source, ...more] = instruction.sources;
  const kind = source && sourceKind(source.text);
  const message =
    !source || more.length > 0
      ? "checksum can't be specified for multiple sources"
      : kind === 'path'
        ? 'checksum requires HTTP(S) or Git sources'
        : kind === 'url' && !isDigest(word.text)
          ? 'invalid checksum digest format'
          : undefined;
  return message === undefined ? [] : [{ word, code: 'invalid-checksum', message }];
}

function isDigest(text: string): boolean {
  if (!digest.test(text)) return false;
  const [algorithm, hex = ''] = text.split(':');
  const lengths: { readonly [name: string]: number } = { sha256: 64, sha384: 96, sha512: 128 };
  const length = Object.hasOwn(lengths, algorithm ?? '') ? lengths[algorithm ?? ''] : undefined;
  return length === hex.length && /^[0-9a-f]+$/.test(hex);
}
