import { StringDecoder } from 'node:string_decoder';
import { isSampanError } from '../../common/errors.ts';
import { inputNodes } from './explain/nodes.ts';
import type { Explanation } from './explain/types.ts';
import type { PlanNode } from './planTypes.ts';
import type { BuildEvent, BuildStep, CallFinding } from './types.ts';

/** Largest piece of output in one event, in characters. */
const pieceMax = 16 * 1024;
/** Longest time that output waits for more, in milliseconds. */
const pieceDelay = 50;

export type EmitEvent = (event: BuildEvent) => void;

/** Tells the listener of a build about its steps. */
export class StepReporter {
  readonly #emit: EmitEvent;
  readonly #prefix: string;

  /** `prefix` tells the steps of several platforms apart. */
  constructor(emit: EmitEvent, { prefix = '' }: { readonly prefix?: string } = {}) {
    this.#emit = emit;
    this.#prefix = prefix;
  }

  plan(nodes: readonly PlanNode[]): void {
    this.#emit({ kind: 'plan', steps: nodes.map(node => this.#step(node)) });
  }

  /** Begin a step; the result ends it. */
  start(node: PlanNode): StartedStep {
    return reportStep(this.#emit, this.#id(node));
  }

  /** Why a step is taken from the cache or not, before it is made. */
  explain(node: PlanNode, explanation: Explanation): void {
    this.#emit({ kind: 'explain', step: this.#id(node), ...explanation });
  }

  /** Where a step's output goes. */
  output(node: PlanNode): OutputCollector {
    return new OutputCollector(piece => this.#emit({ kind: 'output', step: this.#id(node), ...piece }));
  }

  warning(warning: CallFinding): void {
    this.#emit({ kind: 'warning', ...warning });
  }

  #id(node: Pick<PlanNode, 'id'>): string {
    return this.#prefix === '' ? `step-${node.id}` : `step-${this.#prefix}-${node.id}`;
  }

  #step(node: PlanNode): BuildStep {
    const { name, stage, lines } = node;
    return {
      id: this.#id(node),
      // As BuildKit does: `[linux/arm64 build 2/5] RUN make`.
      name: this.#prefix === '' ? name : name.replace(/^\[/, `[${this.#prefix} `),
      stage,
      inputs: [...new Set(inputNodes(node))].map(id => this.#id({ id })),
      ...(lines ? { line: lines.line, endLine: lines.endLine } : {}),
    };
  }
}

/** Tell of the beginning and the end of one step. */
export function reportStep(emit: EmitEvent, step: string): StartedStep {
  const began = performance.now();
  emit({ kind: 'start', step, at: new Date().toISOString() });
  const finish = (result: Pick<BuildFinish, 'cached' | 'layer' | 'error' | 'isCanceled'>) =>
    emit({
      kind: 'finish',
      step,
      at: new Date().toISOString(),
      milliseconds: Math.round(performance.now() - began),
      ...result,
    });
  return {
    done: finish,
    failed: error => {
      const message = error instanceof Error ? error.message : String(error);
      const isCanceled = isSampanError(error, 'cancelled');
      finish({ cached: false, error: message, ...(isCanceled && { isCanceled }) });
    },
  };
}

type BuildFinish = Extract<BuildEvent, { readonly kind: 'finish' }>;

export interface StartedStep {
  done(result: Pick<BuildFinish, 'cached' | 'layer'>): void;
  /** Also of one that was stopped, by the code of the error. */
  failed(error: unknown): void;
}

type OutputStream = 'stdout' | 'stderr';

/** Characters of output that an error carries. */
const tailMax = 8 * 1024;

/** Joins small writes into few events, and keeps the end for the error message. */
export class OutputCollector {
  readonly #emit: (piece: { readonly stream: OutputStream; readonly text: string }) => void;
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #stream: OutputStream = 'stdout';
  #pending = '';
  #timer: NodeJS.Timeout | undefined;
  #tail = '';

  constructor(emit: (piece: { readonly stream: OutputStream; readonly text: string }) => void) {
    this.#emit = emit;
  }

  write(stream: OutputStream, chunk: Uint8Array): void {
    const text = this.#decoders[stream].write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (text === '') return;
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#pending += text;
    this.#tail = (this.#tail + text).slice(-tailMax);
    while (this.#pending.length >= pieceMax) this.#send(pieceMax);
    this.#timer ??= setTimeout(() => this.flush(), pieceDelay);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#pending !== '') this.#send(pieceMax);
  }

  /** The last lines, at most `count`. */
  lastLines(count: number): string {
    const lines = this.#tail.replace(/\n$/, '').split('\n');
    return lines.slice(-count).join('\n');
  }

  #send(length: number): void {
    this.#emit({ stream: this.#stream, text: this.#pending.slice(0, length) });
    this.#pending = this.#pending.slice(length);
  }
}
