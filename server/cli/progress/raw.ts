import { createHash } from 'node:crypto';
import type { BuildEvent, BuildStep } from '../../protocol/types.ts';
import type { Progress } from './progress.ts';

interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

/** BuildKit's `--progress=rawjson`: its SolveStatus messages (client/graph.go), one a line. */
export class RawProgress implements Progress {
  readonly #write: (text: string) => void;
  readonly #vertexes = new Map<string, Vertex>();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  handle(event: BuildEvent): void {
    switch (event.kind) {
      case 'plan':
        for (const step of event.steps) this.#vertex(step.id, named(step));
        return;
      case 'start':
        this.#vertex(event.step, { started: event.at });
        return;
      case 'finish':
        this.#vertex(event.step, {
          completed: event.at,
          ...(event.cached ? { cached: true } : {}),
          ...(event.error === undefined ? {} : { error: event.error }),
        });
        return;
      case 'output':
        this.#send({ logs: [this.#log(event)] });
        return;
      case 'progress':
        this.#send({ statuses: [this.#status(event)] });
        return;
      case 'warning':
        this.#send({
          warnings: [
            { level: 1, short: base64(`${event.rule}: ${event.message}`), range: lineRange(event.line) },
          ],
        });
    }
  }

  failure(): string {
    return '';
  }

  end(): void {
    // Each message was written when it came.
  }

  #vertex(step: string, change: Partial<Vertex>): void {
    const before = this.#vertexes.get(step) ?? { digest: digestOf(step), name: step };
    const vertex = { ...before, ...change };
    this.#vertexes.set(step, vertex);
    this.#send({ vertexes: [vertex] });
  }

  #log(event: Extract<BuildEvent, { kind: 'output' }>): object {
    return {
      vertex: digestOf(event.step),
      stream: event.stream === 'stdout' ? 1 : 2,
      data: base64(event.text),
      timestamp: new Date().toISOString(),
    };
  }

  #status(event: Extract<BuildEvent, { kind: 'progress' }>): object {
    return {
      id: event.text,
      vertex: digestOf(event.step),
      current: event.current ?? 0,
      total: event.total ?? 0,
      timestamp: new Date().toISOString(),
    };
  }

  #send(message: object): void {
    this.#write(`${JSON.stringify(message)}\n`);
  }
}

function named(step: BuildStep): Partial<Vertex> {
  return { name: step.name };
}

function digestOf(step: string): string {
  return `sha256:${createHash('sha256').update(step).digest('hex')}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function lineRange(line: number): object[] {
  return [{ start: { line }, end: { line } }];
}
