import type { InstructionName } from '../syntax/tree.ts';

/** What the words of the forms stand for, by instruction where that differs. */
const parameters: { readonly [word: string]: string } = {
  '[flags]': 'Options, before everything else.',
  source: 'Path in the build context, or what `--from` names; patterns such as `*.go` are allowed.',
  destination: 'Path in the image; with several sources a folder, which ends with `/`.',
  program: 'The program, found in `PATH`; no shell sees it.',
  argument: 'Handed to the program as it is: no shell replaces variables.',
  command: 'For the shell of the stage.',
  'name[=default]': 'Name, and the value unless `--build-arg` gives one.',
  'key=value': 'Name and value; quotes keep blanks.',
  'port[/protocol]': 'Number or range, `tcp` unless it says `udp`.',
  '[--platform=platform]': 'Which of several platforms, such as `linux/arm64`.',
  'image[:tag][@digest]': 'The image, a stage from before, or `scratch`. A digest wins over the tag.',
  '[AS name]': 'Names the stage for `FROM`, `COPY --from` and `--target`.',
  instruction: 'Runs when an image is built on this one.',
  signal: 'Name or number.',
  'user[:group]': 'Names or numbers.',
  path: 'Absolute, or seen from the folder before.',
  '<<EOF': 'The lines that follow are the script, up to `EOF`.',
  CMD: 'The words behind it are the check.',
  NONE: 'No check, not even that of the base image.',
};

const ofInstruction: { readonly [Name in InstructionName]?: { readonly [word: string]: string } } = {
  ADD: {
    source:
      'Path in the build context, URL, or address of a git repository. Archives of the context are unpacked.',
  },
  VOLUME: { path: 'Absolute path that gets a volume.' },
  MAINTAINER: { name: 'Who maintains the image.' },
  SHELL: { program: 'The shell.', argument: 'An option of it; the last is `-c` or the like.' },
};

/** What a part of a form stands for. */
export function describeParameter(name: InstructionName, written: string): string | undefined {
  const word = written.replace(/\.\.\.$/, '').replaceAll('"', '');
  const own = ofInstruction[name];
  if (own && Object.hasOwn(own, word)) return own[word];
  return Object.hasOwn(parameters, word) ? parameters[word] : undefined;
}
