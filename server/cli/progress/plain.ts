import type { BuildEvent, BuildStep } from '../../protocol/types.ts';
import { failureText, type Progress } from './progress.ts';

/** BuildKit's plain progress: `#4 [2/3] RUN make`, `#4 0.151 output`, `#4 DONE 0.3s`. */
export class PlainProgress implements Progress {
  readonly #write: (text: string) => void;
  readonly #steps = new Map<string, StepState>();
  #last = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  handle(event: BuildEvent): void {
    switch (event.kind) {
      case 'plan':
        for (const step of event.steps) this.#know(step);
        return;
      case 'warning':
        this.#write(`\nWARNING: ${event.rule}: ${event.message} (line ${event.line})\n`);
        return;
      case 'explain':
        return; // told at the end, by those who ask for it
      default:
        this.#stepEvent(event, this.#steps.get(event.step) ?? this.#know(unnamed(event.step)));
    }
  }

  /** The end of a failing step's output, as BuildKit repeats it. */
  failure(step: string | undefined): string {
    const state = step === undefined ? undefined : this.#steps.get(step);
    return state === undefined ? '' : failureText(state);
  }

  end(): void {
    // Each line was written when it came.
  }

  #stepEvent(event: Exclude<BuildEvent, { kind: 'plan' | 'warning' | 'explain' }>, step: StepState): void {
    if (event.kind === 'start') step.startedAt = Date.parse(event.at);
    this.#head(step);
    switch (event.kind) {
      case 'start':
        return;
      case 'output':
        this.#output(step, event.text);
        return;
      case 'progress':
        this.#progress(step, event);
        return;
      case 'finish':
        this.#finish(step, event);
    }
  }

  #output(step: StepState, text: string): void {
    const lines = (step.partial + text).split('\n');
    step.partial = lines.pop() ?? '';
    for (const line of lines) this.#line(step, line.replace(/\r$/, ''));
  }

  #line(step: StepState, line: string): void {
    const seconds = ((Date.now() - step.startedAt) / 1000).toFixed(3);
    this.#write(`#${step.number} ${seconds} ${line}\n`);
    step.tail.push(`${seconds} ${line}`);
    if (step.tail.length > tailLines) step.tail.shift();
  }

  #progress(step: StepState, event: Extract<BuildEvent, { kind: 'progress' }>): void {
    if (event.text === step.progress) return;
    step.progress = event.text;
    this.#write(`#${step.number} ${event.text}\n`);
  }

  #finish(step: StepState, event: Extract<BuildEvent, { kind: 'finish' }>): void {
    if (step.partial !== '') this.#output(step, '\n');
    if (event.isCanceled) this.#write(`#${step.number} CANCELED\n`);
    else if (event.error !== undefined) this.#write(`#${step.number} ERROR: ${event.error}\n`);
    else if (event.cached) this.#write(`#${step.number} CACHED\n`);
    else this.#write(`#${step.number} DONE ${(event.milliseconds / 1000).toFixed(1)}s\n`);
  }

  /** A step's name is told when it begins and again whenever another one spoke in between. */
  #head(step: StepState): void {
    if (this.#last === step.id) return;
    this.#last = step.id;
    this.#write(`\n#${step.number} ${step.name}\n`);
  }

  #know(step: Pick<BuildStep, 'id' | 'name'>): StepState {
    const state: StepState = {
      id: step.id,
      name: step.name,
      number: this.#steps.size + 1,
      startedAt: Date.now(),
      partial: '',
      progress: '',
      tail: [],
    };
    this.#steps.set(step.id, state);
    return state;
  }
}

const tailLines = 20;

interface StepState {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  startedAt: number;
  partial: string;
  progress: string;
  readonly tail: string[];
}

function unnamed(id: string): Pick<BuildStep, 'id' | 'name'> {
  return { id, name: id };
}
