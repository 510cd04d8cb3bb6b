import type { BuildEvent, BuildStep } from '../../server/protocol/types.ts';
import { sizeText } from '../views/words.ts';
import { durationText } from './duration.ts';

/** How the last build fared with one instruction. Lines are 0-based, inclusive. */
export interface StepResult {
  readonly startLine: number;
  readonly endLine: number;
  readonly state: 'running' | 'done' | 'cached' | 'failed';
  readonly milliseconds?: number;
  /** The file system up to this instruction, and the bytes that it added. */
  readonly layer?: { readonly chainId: string; readonly size: number };
}

/** A change of the text: lines that were there, and how many stand there now. Lines are 0-based, inclusive. */
export interface LineChange {
  readonly startLine: number;
  readonly endLine: number;
  readonly linesAfter: number;
}

/** Follows a build: what is known of each instruction so far. */
export class StepResults {
  readonly #steps = new Map<string, BuildStep>();
  readonly #results = new Map<string, StepResult>();

  /** Takes an event; true when it changed a result. */
  apply(event: BuildEvent): boolean {
    if (event.kind === 'plan') for (const step of event.steps) this.#steps.set(step.id, step);
    if (event.kind !== 'start' && event.kind !== 'finish') return false;
    const step = this.#steps.get(event.step);
    if (step?.line === undefined) return false;
    const lines = { startLine: step.line - 1, endLine: (step.endLine ?? step.line) - 1 };
    this.#results.set(
      event.step,
      event.kind === 'start' ? { ...lines, state: 'running' } : ended(lines, event),
    );
    return true;
  }

  get results(): readonly StepResult[] {
    return [...this.#results.values()];
  }
}

function ended(
  lines: Pick<StepResult, 'startLine' | 'endLine'>,
  event: Extract<BuildEvent, { kind: 'finish' }>,
): StepResult {
  const { cached, milliseconds, layer, error } = event;
  const state = error === undefined ? (cached ? 'cached' : 'done') : 'failed';
  return { ...lines, state, milliseconds, ...(layer === undefined ? {} : { layer }) };
}

/** `cached · 12MB`, `3.1 s · 12MB`, `failed`. */
export function resultText({ state, milliseconds = 0, layer }: StepResult): string {
  const size = layer === undefined || layer.size === 0 ? [] : [sizeText(layer.size)];
  switch (state) {
    case 'running':
      return 'running';
    case 'failed':
      return `failed after ${durationText(milliseconds)}`;
    case 'cached':
      return ['cached', ...size].join(' · ');
    case 'done':
      return [durationText(milliseconds), ...size].join(' · ');
  }
}

/** The results after an edit: those behind it move, those of instructions that it touched go. */
export function moved(results: readonly StepResult[], change: LineChange): readonly StepResult[] {
  const { startLine, endLine, linesAfter } = change;
  const shift = linesAfter - (endLine - startLine + 1);
  return results.flatMap(result => {
    if (result.endLine < startLine) return [result];
    if (result.startLine <= endLine) return [];
    return [{ ...result, startLine: result.startLine + shift, endLine: result.endLine + shift }];
  });
}
