import type { ScriptSpan } from '../shell/script.ts';
import type { Command } from './command.ts';
import type { ScriptFinding } from './scriptRule.ts';

/** The finding about commands that lack a switch, which the fix writes behind `behind` of each; undefined when none does. */
export function missingSwitch(
  commands: readonly Command[],
  options: {
    readonly text: string;
    readonly message: string;
    /** The word that the switch follows; by default the name of the command. */
    readonly behind?: (command: Command) => ScriptSpan | undefined;
    /** The built image is another one with it. */
    readonly changesImage?: true;
  },
): ScriptFinding | undefined {
  const { text, message, behind, changesImage } = options;
  const words = commands.map(command => behind?.(command) ?? command.nameSpan);
  const [at] = words;
  if (!at) return undefined;
  const changes = words.map(word => ({ after: word, text: ` ${text}` }));
  return {
    at,
    message,
    fix: { title: `Add ${text}`, ...(changesImage && { isGuess: true as const }), changes },
  };
}
