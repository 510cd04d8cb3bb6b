import type { InstructionName } from '../syntax/tree.ts';

/** How an instruction's arguments are split; `json` forms fall back to the other when they are no JSON array. */
export type ArgumentSyntax =
  | 'words'
  | 'json-or-words'
  | 'json-or-text'
  | 'text'
  | 'pairs'
  | 'names'
  | 'healthcheck'
  | 'instruction';

/** Every instruction, and how its arguments are split. */
export const argumentSyntax: { readonly [Name in InstructionName]: ArgumentSyntax } = {
  ADD: 'json-or-words',
  ARG: 'names',
  CMD: 'json-or-text',
  COPY: 'json-or-words',
  ENTRYPOINT: 'json-or-text',
  ENV: 'pairs',
  EXPOSE: 'words',
  FROM: 'words',
  HEALTHCHECK: 'healthcheck',
  LABEL: 'pairs',
  MAINTAINER: 'text',
  ONBUILD: 'instruction',
  RUN: 'json-or-text',
  SHELL: 'json-or-text',
  STOPSIGNAL: 'text',
  USER: 'text',
  VOLUME: 'json-or-words',
  WORKDIR: 'text',
};

/** All instructions in alphabetical order. */
export const instructionNames = Object.keys(argumentSyntax) as readonly InstructionName[];

const byLowerCase = new Map(instructionNames.map(name => [name.toLowerCase(), name]));

/** The instruction that a keyword in any case stands for. */
export function findInstructionName(keyword: string): InstructionName | undefined {
  return byLowerCase.get(keyword.toLowerCase());
}
