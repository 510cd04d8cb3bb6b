import { stripVTControlCharacters } from 'node:util';
import type { Failure } from '../failure.ts';
import type { FailedStep } from './buildReport.ts';

/** Where a build failed in the Dockerfile and what is said there. */
export interface BuildFinding {
  /** 0-based, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  readonly message: string;
  /** The end of the step's output, plain text. */
  readonly output: string;
}

/** Lines of output that the message itself holds; the rest is one click away. */
const messageLines = 8;

/** The finding for a failed build; undefined when the failure has no place in the file. */
export function buildFinding(failure: Failure, failed: FailedStep | undefined): BuildFinding | undefined {
  const line = failed?.step.line ?? numberIn(failure, 'line');
  if (line === undefined) return undefined;
  const endLine = failed?.step.endLine ?? numberIn(failure, 'endLine') ?? line;
  const tail = (failed?.tail ?? []).map(stripVTControlCharacters);
  // The hint of a failed command is to read its output, which is here.
  const explanation = tail.length > 0 ? tail.slice(-messageLines) : failure.hint ? [failure.hint] : [];
  return {
    startLine: line - 1,
    endLine: Math.max(endLine, line) - 1,
    message: [failure.message, ...explanation].join('\n'),
    output: tail.join('\n'),
  };
}

function numberIn(failure: Failure, key: string): number | undefined {
  const value = failure.detail[key];
  return typeof value === 'number' ? value : undefined;
}
