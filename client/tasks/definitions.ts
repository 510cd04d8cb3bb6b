import type { RunProfile } from '../commands/runProfile.ts';

/** A task that builds a Dockerfile, as tasks.json has it. Paths are seen from the workspace folder. */
export interface BuildTask {
  readonly type: 'sampan-build';
  readonly dockerfile: string;
  /** The folder of the Dockerfile when absent. */
  readonly context?: string;
  readonly tag?: string;
  readonly target?: string;
  readonly buildArgs?: { readonly [name: string]: string };
  readonly noCache?: boolean;
}

/** A task that runs a container of an image until it ends, in the words of a run profile. */
export interface RunTask extends Omit<RunProfile, 'name' | 'interactive'> {
  readonly type: 'sampan-run';
}

/** What is wrong with a definition that somebody wrote; undefined when it can be used. */
export function definitionProblem(definition: { readonly type: string }): string | undefined {
  const { dockerfile, image } = definition as { readonly dockerfile?: unknown; readonly image?: unknown };
  if (definition.type === 'sampan-build' && typeof dockerfile !== 'string')
    return 'The task has no "dockerfile": name the file to build.';
  if (definition.type === 'sampan-run' && typeof image !== 'string')
    return 'The task has no "image": name the image to run.';
  return undefined;
}
