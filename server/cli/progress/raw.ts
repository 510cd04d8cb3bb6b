import { createHash } from 'node:crypto';
import type { BuildEvent, BuildStep } from '../../protocol/types.ts';
import type { NamedDockerfile } from '../options/buildSource.ts';
import type { Progress } from './progress.ts';

/** Fields of BuildKit's client/graph.go; absent ones are left out, as Go's omitempty does. */
interface Vertex {
  readonly digest: string;
  readonly inputs?: readonly string[];
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: true;
  readonly error?: string;
}

interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly total?: number;
  readonly current: number;
  readonly timestamp: string;
  readonly started: string;
  readonly completed?: string;
}

/** What BuildKit writes of a step that was stopped, and what its displays show as CANCELED. */
const canceled = 'context canceled';

/** BuildKit's `--progress=rawjson`: its SolveStatus messages, one a line. */
export class RawProgress implements Progress {
  readonly #write: (text: string) => void;
  readonly #dockerfile: NamedDockerfile;
  readonly #vertexes = new Map<string, Vertex>();
  readonly #statuses = new Map<string, VertexStatus>();
  readonly #began = new Date().toISOString();
  /** Of the step that warnings are about. */
  #definition: string | undefined;

  constructor(write: (text: string) => void, dockerfile: NamedDockerfile) {
    this.#write = write;
    this.#dockerfile = dockerfile;
  }

  handle(event: BuildEvent): void {
    this.#definition ??= this.#loadDefinition();
    switch (event.kind) {
      case 'plan':
        this.#plan(event.steps);
        return;
      case 'start':
        this.#vertex(event.step, { started: event.at });
        return;
      case 'finish':
        this.#finish(event);
        return;
      case 'output':
        this.#send({ logs: [this.#log(event)] });
        return;
      case 'progress':
        this.#send({ statuses: [this.#status(event)] });
        return;
      case 'warning':
        this.#send({ warnings: [this.#warning(event, this.#definition)] });
        return;
      case 'explain':
        return; // BuildKit has no place for it; --progress=json has
    }
  }

  failure(): string {
    return '';
  }

  end(): void {
    // Each message was written when it came.
  }

  /** The Dockerfile was read before the first event came. */
  #loadDefinition(): string {
    const name = `[internal] load build definition from ${this.#dockerfile.name}`;
    const completed = new Date().toISOString();
    this.#vertex(name, { name, started: this.#began, completed });
    return digestOf(name);
  }

  #plan(steps: readonly BuildStep[]): void {
    const vertexes = steps.map(({ id, name, inputs }) => {
      const vertex = {
        digest: digestOf(id),
        ...(inputs.length > 0 && { inputs: inputs.map(digestOf) }),
        name,
      };
      this.#vertexes.set(id, vertex);
      return vertex;
    });
    this.#send({ vertexes });
  }

  #vertex(step: string, change: Partial<Vertex>): void {
    const before = this.#vertexes.get(step) ?? { digest: digestOf(step), name: step };
    const vertex = { ...before, ...change };
    this.#vertexes.set(step, vertex);
    this.#send({ vertexes: [vertex] });
  }

  #finish({ step, at, cached, error, isCanceled }: Extract<BuildEvent, { kind: 'finish' }>): void {
    const reason = isCanceled ? canceled : error;
    this.#vertex(step, {
      completed: at,
      ...(cached && { cached }),
      ...(reason !== undefined && { error: reason }),
    });
  }

  #log(event: Extract<BuildEvent, { kind: 'output' }>): object {
    return {
      vertex: digestOf(event.step),
      stream: event.stream === 'stdout' ? 1 : 2,
      data: base64(event.text),
      timestamp: new Date().toISOString(),
    };
  }

  /** Amounts stay when a later message leaves them out. */
  #status({ step, item, current, total, isDone }: Extract<BuildEvent, { kind: 'progress' }>): VertexStatus {
    const key = `${step} ${item}`;
    const before = this.#statuses.get(key);
    const timestamp = new Date().toISOString();
    const size = total ?? before?.total;
    const status = {
      id: item,
      vertex: digestOf(step),
      ...(size !== undefined && { total: size }),
      current: current ?? (isDone ? size : undefined) ?? before?.current ?? 0,
      timestamp,
      started: before?.started ?? timestamp,
      ...(isDone && { completed: timestamp }),
    };
    this.#statuses.set(key, status);
    return status;
  }

  #warning(warning: Extract<BuildEvent, { kind: 'warning' }>, vertex: string): object {
    const { rule, message, description, url, line, endLine } = warning;
    const { name, text } = this.#dockerfile;
    return {
      vertex,
      level: 1,
      short: base64(`${rule}: ${message} (line ${line})`),
      detail: [base64(description)],
      url,
      sourceInfo: {
        filename: name,
        ...(text !== undefined && { data: base64(text) }),
        language: 'Dockerfile',
      },
      range: [{ start: { line }, end: { line: endLine } }],
    };
  }

  #send(message: object): void {
    this.#write(`${JSON.stringify(message)}\n`);
  }
}

function digestOf(step: string): string {
  return `sha256:${createHash('sha256').update(step).digest('hex')}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
