import { randomUUID } from 'node:crypto';
import { SampanError } from '../../common/errors.ts';
import type { ChainId } from '../snapshot/types.ts';
import type { BuildRun } from './buildContext.ts';
import type { BindSource } from './materialize.ts';
import type { ExecNode } from './planTypes.ts';
import { openStepShell, type ShellOptions, type StepShell } from './runStep.ts';

/** A RUN that failed, and what it started from: layers that the cache keeps. */
export interface FailedStep {
  readonly run: BuildRun;
  readonly node: ExecNode;
  readonly sources: readonly (BindSource | undefined)[];
  /** The state right before it. */
  readonly chainId: ChainId | undefined;
}

/** Steps that are kept so that a shell can be opened in their place. In memory: they end with the engine. */
export class FailedSteps {
  readonly #steps = new Map<string, FailedStep>();
  readonly #shells = new Map<string, StepShell[]>();

  /** The error of the step with its id in `detail.failedStep`. */
  keep(error: SampanError, step: FailedStep): SampanError {
    const id = randomUUID();
    // The build's own signal is aborted by the failure.
    this.#steps.set(id, { ...step, run: { ...step.run, signal: new AbortController().signal } });
    const { code, message, hint, detail } = error;
    return new SampanError(code, message, {
      ...(hint !== undefined && { hint }),
      detail: { ...detail, failedStep: id },
      cause: error,
    });
  }

  /** A shell in the state right before the step, with its user, variables and mounts. Throws `not-found`. */
  async open(
    id: string,
    { args, ...options }: Omit<ShellOptions, 'args'> & { readonly args?: readonly string[] | undefined },
  ): Promise<{ readonly attachSocket: string }> {
    const step = this.#steps.get(id);
    if (!step) {
      throw new SampanError('not-found', `There is no failed build step ${id}.`, {
        hint: 'Build again: a step that fails is kept until it is forgotten or Sampan ends.',
        detail: { failedStep: id },
      });
    }
    const shell = await openStepShell(step.run, step, { ...options, args: args ?? shellOf(step.node) });
    // Forgotten meanwhile.
    if (!this.#steps.has(id)) await shell.close();
    this.#shells.set(id, [...(this.#shells.get(id) ?? []), shell]);
    return { attachSocket: shell.attachSocket };
  }

  /** Ends its shells. An unknown one is fine. */
  async forget(id: string): Promise<void> {
    const shells = this.#shells.get(id) ?? [];
    this.#steps.delete(id);
    this.#shells.delete(id);
    await Promise.all(shells.map(shell => shell.close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#steps.keys()].map(id => this.forget(id)));
  }
}

/** The shell that the RUN was written for. */
function shellOf({ args }: ExecNode): readonly string[] {
  const [shell = '/bin/sh', option] = args;
  return [args.length === 3 && option === '-c' ? shell : '/bin/sh'];
}
