import { stripVTControlCharacters } from 'node:util';
import type { BuildEvent } from '../../protocol/types.ts';
import { withoutControls } from '../output.ts';

/** Lines of a step's output that are kept for a failure. */
const tailLines = 20;

export interface StepView {
  readonly name: string;
  /** Milliseconds since 1970; undefined while it waits. */
  startedAt: number | undefined;
  finishedAt: number | undefined;
  cached: boolean;
  error: string | undefined;
  isCanceled: boolean;
  /** What it is about, such as bytes of a download. */
  status: string;
  /** The last lines of its output, without what would drive a terminal; the last one may not be complete. */
  readonly output: string[];
}

/** What is known of a build that is going on. */
export class BuildState {
  readonly steps = new Map<string, StepView>();
  readonly warnings: Extract<BuildEvent, { kind: 'warning' }>[] = [];

  /** `now`: milliseconds since 1970. */
  handle(event: BuildEvent, now: number): void {
    if (event.kind === 'warning') {
      this.warnings.push(event);
      return;
    }
    if (event.kind === 'plan') {
      for (const { id, name } of event.steps) this.#know(id, name);
      return;
    }
    if (event.kind === 'explain') return;
    const step = this.steps.get(event.step) ?? this.#know(event.step, event.step);
    step.startedAt ??= now;
    switch (event.kind) {
      case 'output':
        addOutput(step.output, event.text);
        break;
      case 'progress':
        step.status = statusOf(event);
        break;
      case 'finish':
        step.finishedAt = now;
        step.cached = event.cached;
        step.error = event.error;
        step.isCanceled = event.isCanceled ?? false;
    }
  }

  #know(id: string, name: string): StepView {
    const step: StepView = {
      name: withoutControls(name.replaceAll('\t', ' ')),
      startedAt: undefined,
      finishedAt: undefined,
      cached: false,
      error: undefined,
      isCanceled: false,
      status: '',
      output: [],
    };
    this.steps.set(id, step);
    return step;
  }
}

function addOutput(output: string[], text: string): void {
  const [first = '', ...lines] = text.split('\n');
  output.push(readable((output.pop() ?? '') + first), ...lines.map(readable));
  output.splice(0, output.length - tailLines - 1);
}

/** What a terminal would show of the line in the end. */
function readable(line: string): string {
  const plain = stripVTControlCharacters(line).replace(/\r+$/, '').replaceAll('\t', '    ');
  return withoutControls(plain.slice(plain.lastIndexOf('\r') + 1));
}

function statusOf({ text, current, total }: Extract<BuildEvent, { kind: 'progress' }>): string {
  const shown = withoutControls(text);
  if (current === undefined) return shown;
  return `${shown} ${megabytes(current)}${total ? ` / ${megabytes(total)}` : ''}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)}MB`;
}
