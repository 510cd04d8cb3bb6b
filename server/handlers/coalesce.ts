import type { BuildEvent } from '../protocol/types.ts';

/** Facts measured on vscode-jsonrpc: many small messages starve a request behind them; a few bigger ones do not. */
const maxDelayMilliseconds = 50;
const maxOutputLength = 16 * 1024;

/** Joins what comes in quick succession. `flush` sends what waits; call it at the end. */
export interface Coalescer<T> {
  push(value: T): void;
  flush(): void;
}

/** The newest progress of every layer, at most every 50 ms; the end of a layer is never left out. */
export function coalesceLayers<T extends { readonly id: string }>(send: (progress: T) => void): Coalescer<T> {
  const waiting = new Map<string, T>();
  const timer = new LateTimer(flush);
  function flush(): void {
    timer.stop();
    for (const progress of waiting.values()) send(progress);
    waiting.clear();
  }
  return {
    push(progress) {
      waiting.set(progress.id, progress);
      timer.start();
    },
    flush,
  };
}

/**
 * Build events in order. Output of one step and stream is joined up to 16 KiB or 50 ms; of the progress of an
 * item only the newest is kept; everything else goes at once, after what waits.
 */
export function coalesceBuild(send: (event: BuildEvent) => void): Coalescer<BuildEvent> {
  const progress = new Map<string, BuildEvent>();
  let output: OutputEvent | undefined;
  const timer = new LateTimer(flush);
  function flush(): void {
    timer.stop();
    const waiting = [...progress.values(), ...(output ? [output] : [])];
    progress.clear();
    output = undefined;
    for (const event of waiting) send(event);
  }
  return {
    push(event) {
      timer.start();
      if (event.kind === 'progress') {
        progress.set(`${event.step} ${event.item}`, event);
        return;
      }
      if (event.kind !== 'output') {
        flush();
        send(event);
        return;
      }
      if (output && !isSameOutput(output, event)) flush();
      output = output ? { ...output, text: output.text + event.text } : event;
      if (output.text.length >= maxOutputLength) flush();
    },
    flush,
  };
}

type OutputEvent = Extract<BuildEvent, { kind: 'output' }>;

function isSameOutput(first: OutputEvent, second: OutputEvent): boolean {
  return first.step === second.step && first.stream === second.stream;
}

/** One timer that runs from the first `start` after a `stop`. */
class LateTimer {
  readonly #run: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  start(): void {
    this.#timer ??= setTimeout(this.#run, maxDelayMilliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
