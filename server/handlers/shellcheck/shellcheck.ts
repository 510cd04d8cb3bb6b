import { carryOver } from '../../language/shellcheck/carryOver.ts';
import type { ShellcheckMemory } from '../../language/shellcheck/findings.ts';
import type { ShellcheckInput } from '../../language/shellcheck/input.ts';
import type { ShellComment } from '../../language/shellcheck/output.ts';
import type { ShellcheckState } from '../../protocol/types.ts';
import type { Log } from '../environment.ts';
import { CommentMemory } from './memory.ts';
import { runShellcheck, ShellcheckFailure } from './process.ts';
import { findShellcheck } from './program.ts';

export interface ShellcheckOptions {
  readonly log: Log;
  /** There is more to say about a document. */
  readonly onDidCheck: (uri: string) => void;
  readonly onDidChangeState: (state: ShellcheckState) => void;
}

export interface ShellcheckSettings {
  readonly isEnabled: boolean;
  /** A path, or a name to look for on PATH; empty for `shellcheck`. */
  readonly path: string;
}

/** Milliseconds without a change before a document is checked. */
const quiet = 300;

/** Milliseconds after which a document with many scripts shows what is known so far. */
const interim = 1000;

/** Processes at a time: one core of most machines stays the editor's. */
const parallel = 2;

const remembered = 5000;

/**
 * Asks ShellCheck about the scripts of open documents, in the background. A script that was checked is not checked
 * again; one that no document has any more is given up.
 */
export class Shellcheck {
  readonly #options: ShellcheckOptions;
  readonly #memory = new CommentMemory(remembered);
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Documents that wait for answers, and since when. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Map<string, AbortController>();
  /** What documents showed last, by the number of the script. */
  readonly #shown = new Map<string, Map<number, Shown>>();
  #settings: ShellcheckSettings = { isEnabled: true, path: '' };
  #search: Promise<string | undefined> | undefined;
  #program: string | undefined;
  #state: ShellcheckState['state'] | undefined;

  constructor(options: ShellcheckOptions) {
    this.#options = options;
  }

  /** Takes new settings; true when documents have to be checked again. */
  configure(settings: ShellcheckSettings): boolean {
    const { isEnabled, path } = this.#settings;
    if (settings.isEnabled === isEnabled && settings.path === path) return false;
    this.#settings = settings;
    this.#search = undefined;
    this.#program = undefined;
    this.#memory.clear();
    this.#shown.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
    this.#abandon();
    if (!settings.isEnabled && this.#state !== undefined) this.#enter({ state: 'off' });
    return true;
  }

  /** What it has said, to look up for a document; undefined where it has said nothing, as without the program. */
  memoryOf(uri: string): ShellcheckMemory | undefined {
    if (this.#memory.isEmpty) return undefined;
    const comments = (input: ShellcheckInput, index: number) => this.#comments(uri, input, index);
    return { version: this.#memory.version, comments };
  }

  /**
   * What it said about the `index`th script of a document; undefined when it was not asked yet. What it said before a change
   * stands in for what it will say.
   */
  #comments(uri: string, input: ShellcheckInput, index: number): readonly ShellComment[] | undefined {
    const comments = this.#memory.get(input);
    const shown = this.#shown.get(uri);
    if (comments === undefined) {
      const last = shown?.get(index);
      return last && carryOver(last.comments, last.text, input.script);
    }
    if (comments.length === 0) shown?.delete(index);
    else if (shown) shown.set(index, { comments, text: input.script });
    else this.#shown.set(uri, new Map([[index, { comments, text: input.script }]]));
    return comments;
  }

  /** Asks about what `inputs` gives when the document has been quiet for a while; the last call for a document counts. */
  check(uri: string, inputs: () => readonly ShellcheckInput[]): void {
    if (!this.#settings.isEnabled) return;
    clearTimeout(this.#timers.get(uri));
    const start = () => {
      this.#timers.delete(uri);
      void this.#start(uri, inputs());
    };
    this.#timers.set(uri, setTimeout(start, quiet));
  }

  /** The document is closed. */
  forget(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.delete(uri);
    this.#waiting.delete(uri);
    this.#shown.delete(uri);
    this.#abandon();
    this.#next();
  }

  async #start(uri: string, inputs: readonly ShellcheckInput[]): Promise<void> {
    const missing = inputs.filter(input => this.#memory.get(input) === undefined);
    if (missing.length === 0) this.#waiting.delete(uri);
    else this.#waiting.set(uri, new Waiting(missing));
    this.#abandon();
    if (this.#waiting.size > 0) await this.#findProgram();
    this.#next();
  }

  /** Looks again at every check as long as there is none: somebody may just have installed it. */
  async #findProgram(): Promise<void> {
    if (this.#program !== undefined) return;
    const { path } = this.#settings;
    const search = findShellcheck(path);
    this.#search = search;
    const program = await search;
    if (this.#search !== search) return;
    this.#program = program;
    if (program === undefined) this.#enter({ state: 'missing', path });
  }

  /** Ends the processes of scripts that no document waits for. */
  #abandon(): void {
    for (const [key, controller] of this.#running) {
      if ([...this.#waiting.values()].some(waiting => waiting.has(key))) continue;
      this.#running.delete(key);
      controller.abort();
    }
  }

  #next(): void {
    if (this.#program === undefined) return;
    for (const waiting of this.#waiting.values()) {
      for (const input of waiting.inputs()) {
        if (this.#running.size >= parallel) return;
        if (!this.#running.has(input.key)) void this.#run(this.#program, input);
      }
    }
  }

  async #run(program: string, input: ShellcheckInput): Promise<void> {
    const { key } = input;
    const controller = new AbortController();
    this.#running.set(key, controller);
    const comments = await runShellcheck(program, input, controller.signal).catch(error => {
      if (error instanceof ShellcheckFailure) this.#enter({ state: 'failed', message: error.message });
      return undefined;
    });
    if (this.#running.get(key) !== controller) return;
    this.#running.delete(key);
    if (comments !== undefined) this.#enter({ state: 'ready', path: program });
    // A script that cannot be checked is not tried again and again.
    this.#memory.set(input, comments ?? []);
    for (const [uri, waiting] of [...this.#waiting]) this.#settle(uri, waiting, key);
    this.#next();
  }

  #settle(uri: string, waiting: Waiting, key: string): void {
    if (!waiting.remove(key)) return;
    if (waiting.isEmpty) this.#waiting.delete(uri);
    if (waiting.isEmpty || waiting.isDue()) this.#options.onDidCheck(uri);
  }

  #enter(state: ShellcheckState): void {
    if (state.state === this.#state) return;
    this.#state = state.state;
    if (state.state === 'failed') this.#options.log('warn', state.message);
    this.#options.onDidChangeState(state);
  }
}

interface Shown {
  readonly comments: readonly ShellComment[];
  readonly text: string;
}

/** The inputs of a document that have no answer yet. */
class Waiting {
  readonly #inputs: Map<string, ShellcheckInput>;
  #shown = performance.now();

  constructor(inputs: readonly ShellcheckInput[]) {
    this.#inputs = new Map(inputs.map(input => [input.key, input]));
  }

  get isEmpty(): boolean {
    return this.#inputs.size === 0;
  }

  inputs(): Iterable<ShellcheckInput> {
    return this.#inputs.values();
  }

  has(key: string): boolean {
    return this.#inputs.has(key);
  }

  remove(key: string): boolean {
    return this.#inputs.delete(key);
  }

  /** True once in a while: what is known so far is worth showing. */
  isDue(): boolean {
    if (performance.now() - this.#shown < interim) return false;
    this.#shown = performance.now();
    return true;
  }
}
