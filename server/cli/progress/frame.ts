import type { BuildState, StepView } from './buildState.ts';

/** Lines of output under a step that runs, as BuildKit shows (progressui/display.go). */
const outputLines = 6;

export type Tone = 'plain' | 'done' | 'failed' | 'canceled' | 'faint';

export interface FrameLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface FrameOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly startedAt: number;
  /** Columns and rows of the terminal. */
  readonly width: number;
  readonly height: number;
  /** The last one: every step that began, however many. */
  readonly isFinal: boolean;
}

/** A build as lines that fit into the terminal: `[+] Building 3.1s (5/7)` and a line for each step that began. */
export function frameOf(state: BuildState, options: FrameOptions): readonly FrameLine[] {
  const steps = [...state.steps.values()];
  const begun = steps.filter(step => step.startedAt !== undefined);
  const done = steps.filter(step => step.finishedAt !== undefined).length;
  const isFinished = options.isFinal && done > 0 && done === steps.length;
  const seconds = ((options.now - options.startedAt) / 1000).toFixed(1);
  const head = `[+] Building ${seconds}s (${done}/${steps.length})${isFinished ? ' FINISHED' : ''}`;
  const rows = options.isFinal ? Number.POSITIVE_INFINITY : Math.max(0, options.height - 2);
  const shown = fitting(begun, rows);
  let free = options.isFinal ? 0 : rows - shown.length;
  const lines: FrameLine[] = [{ text: cut(head, options.width), tone: 'plain' }];
  for (const step of shown) {
    lines.push(stepLine(step, options));
    const output = step.finishedAt === undefined ? lastLines(step, Math.min(outputLines, free)) : [];
    free -= output.length;
    lines.push(
      ...output.map(text => ({ text: cut(` => => # ${text}`, options.width), tone: 'faint' as const })),
    );
  }
  return lines;
}

/** The columns that a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** At most `count` in their order: those that run come before those that are done, the newest first. */
function fitting(steps: readonly StepView[], count: number): readonly StepView[] {
  if (steps.length <= count) return steps;
  const running = steps.filter(step => step.finishedAt === undefined).slice(-count || steps.length);
  const done = steps.filter(step => step.finishedAt !== undefined);
  const kept = new Set([...running, ...done.slice(done.length - Math.max(0, count - running.length))]);
  return count === 0 ? [] : steps.filter(step => kept.has(step));
}

function stepLine(step: StepView, { now, width }: FrameOptions): FrameLine {
  const began = step.startedAt ?? now;
  const time = ` ${(Math.max(0, (step.finishedAt ?? now) - began) / 1000).toFixed(1)}s`;
  const status = step.finishedAt === undefined && step.status !== '' ? ` ${step.status}` : '';
  const room = Math.max(0, width - columnsOf(time));
  const text = cut(` => ${markOf(step)}${step.name}${status}`, room);
  const padded = text + ' '.repeat(room - columnsOf(text));
  return { text: cut(padded + time, width), tone: toneOf(step) };
}

function markOf({ cached, error, isCanceled }: StepView): string {
  if (isCanceled) return 'CANCELED ';
  if (error !== undefined) return 'ERROR ';
  return cached ? 'CACHED ' : '';
}

function toneOf({ error, finishedAt, isCanceled }: StepView): Tone {
  if (isCanceled) return 'canceled';
  if (error !== undefined) return 'failed';
  return finishedAt === undefined ? 'plain' : 'done';
}

function lastLines({ output }: StepView, count: number): readonly string[] {
  return count <= 0 ? [] : output.filter(line => line.trim() !== '').slice(-count);
}

function cut(text: string, width: number): string {
  let columns = 0;
  let kept = '';
  for (const character of text) {
    columns += widthOf(character);
    if (columns > width) break;
    kept += character;
  }
  return kept;
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** UAX #11: two columns for East Asian wide characters and emoji, none for marks. */
function widthOf(character: string): number {
  if (character <= '\u007e') return 1;
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
