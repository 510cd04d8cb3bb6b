import type { BuildEvent, BuildStep } from '../../server/protocol/types.ts';
import { style } from '../terminal/text.ts';
import { durationText } from './duration.ts';
import { StepOutput } from './stepOutput.ts';

/** A step that failed, with all that a reader needs to understand why. */
export interface FailedStep {
  readonly step: BuildStep;
  readonly error: string;
  /** The last lines of its output. */
  readonly tail: readonly string[];
}

interface StepState {
  readonly step: BuildStep;
  readonly number: number;
  readonly output: StepOutput;
}

type EventOf<K extends BuildEvent['kind']> = Extract<BuildEvent, { kind: K }>;

/** Follows the events of one build: text for a terminal, a line of progress, and the step that failed. */
export class BuildReport {
  readonly #steps = new Map<string, StepState>();
  readonly #running = new Set<StepState>();
  #finished = 0;
  #failed: FailedStep | undefined;

  /** Takes an event and returns what the terminal shows for it. */
  apply(event: BuildEvent): string {
    switch (event.kind) {
      case 'plan':
        for (const step of event.steps)
          this.#steps.set(step.id, { step, number: this.#steps.size + 1, output: new StepOutput() });
        return '';
      case 'warning':
        return `${style.cyan(`line ${event.line}: ${event.message}`)} ${style.dim(event.rule)}\n`;
      default: {
        const state = this.#steps.get(event.step);
        return state === undefined ? '' : this.#applyTo(state, event);
      }
    }
  }

  /** What is being done now; the server numbers the names: `[3/7] RUN npm ci`. */
  get message(): string {
    const current = [...this.#running].at(-1);
    return current === undefined ? '' : oneLine(current.step.name);
  }

  /** Share of the steps that are done, 0 to 1. */
  get done(): number {
    return this.#steps.size === 0 ? 0 : this.#finished / this.#steps.size;
  }

  get failed(): FailedStep | undefined {
    return this.#failed;
  }

  #applyTo(state: StepState, event: EventOf<'start' | 'output' | 'progress' | 'explain' | 'finish'>): string {
    const mark = style.dim(`#${state.number}`);
    switch (event.kind) {
      case 'start':
        this.#running.add(state);
        return `${mark} ${style.bold(oneLine(state.step.name))}\n`;
      case 'output':
        return state.output
          .push(event.text)
          .map(line => `${mark} ${line}\n`)
          .join('');
      case 'progress':
        return `${mark} ${style.dim(event.text)}\n`;
      case 'explain':
        return event.reasons
          .flatMap(reason => (reason.kind === 'input' ? `${mark} ${style.dim(reason.message)}\n` : []))
          .join('');
      case 'finish':
        return this.#finish(state, event);
    }
  }

  #finish(state: StepState, event: EventOf<'finish'>): string {
    const started = this.#running.delete(state);
    this.#finished++;
    const mark = style.dim(`#${state.number}`);
    const rest = state.output
      .end()
      .map(line => `${mark} ${line}\n`)
      .join('');
    if (event.isCanceled) return `${rest}${mark} ${style.dim('CANCELED')}\n`;
    if (event.error !== undefined) {
      // The last one: a cache that cannot be read fails before, and the build goes on.
      this.#failed = { step: state.step, error: event.error, tail: state.output.tail };
      return `${rest}${mark} ${style.red(event.error)}\n`;
    }
    if (event.cached) {
      // A cached step may come without a start.
      const name = started ? '' : `${style.bold(oneLine(state.step.name))} `;
      return `${rest}${mark} ${name}${style.green('CACHED')}\n`;
    }
    return `${rest}${mark} ${style.green(`done in ${durationText(event.milliseconds)}`)}\n`;
  }
}

/** The first line of an instruction that may have several, cut for a narrow place. */
function oneLine(name: string): string {
  const line = name.split('\n', 1)[0] ?? '';
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
