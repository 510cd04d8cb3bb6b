import type { Command } from './command.ts';

/** `pip install`, `pip3 install` or `python -m pip install`. */
export function isPipInstall(command: Command): boolean {
  const { name } = command;
  if (name.startsWith('pip')) return !name.startsWith('pipenv') && command.has('install');
  return name.startsWith('python') && command.hasSequence('-m', 'pip', 'install');
}
