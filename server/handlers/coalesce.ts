import type { BuildEvent, PullProgress } from '../protocol/types.ts';

/** Facts measured on vscode-jsonrpc: many small messages starve a request behind them; a few bigger ones do not. */
const maxDelayMilliseconds = 50;
const maxOutputLength = 16 * 1024;

/** Joins what comes in quick succession. `flush` sends what waits; call it at the end. */
export interface Coalescer<T> {
  push(value: T): void;
  flush(): void;
}

/** The newest progress of every layer, at most every 50 ms; the end of a layer is never left out. */
export function coalescePull(send: (progress: PullProgress) => void): Coalescer<PullProgress> {
  const waiting = new Map<string, PullProgress>();
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
 * Build events in order. Output of one step and stream is joined up to 16 KiB or 50 ms; of a step's
 * progress only the newest is kept; everything else goes at once, after what waits.
 */
export function coalesceBuild(send: (event: BuildEvent) => void): Coalescer<BuildEvent> {
  let waiting: BuildEvent | undefined;
  const timer = new LateTimer(flush);
  function flush(): void {
    timer.stop();
    const event = waiting;
    waiting = undefined;
    if (event !== undefined) send(event);
  }
  return {
    push(event) {
      const joined = waiting === undefined ? undefined : join(waiting, event);
      if (joined === undefined) flush();
      waiting = joined ?? event;
      if (mustGoNow(waiting)) flush();
      else timer.start();
    },
    flush,
  };
}

function join(first: BuildEvent, second: BuildEvent): BuildEvent | undefined {
  if (first.kind === 'output' && second.kind === 'output') {
    const same = first.step === second.step && first.stream === second.stream;
    return same ? { ...first, text: first.text + second.text } : undefined;
  }
  return first.kind === 'progress' && second.kind === 'progress' && first.step === second.step
    ? second
    : undefined;
}

function mustGoNow(event: BuildEvent): boolean {
  if (event.kind === 'output') return event.text.length >= maxOutputLength;
  return event.kind !== 'progress';
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
