import type { ShellcheckInput } from '../../language/shellcheck/input.ts';
import type { ShellComment } from '../../language/shellcheck/output.ts';

/** What ShellCheck said, by what it was given. The inputs that were not asked for the longest time are forgotten. */
export class CommentMemory {
  readonly #capacity: number;
  readonly #comments = new Map<string, readonly ShellComment[]>();
  #version = {};

  /** `capacity`: how many inputs are remembered at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The same object as long as it says the same. */
  get version(): object {
    return this.#version;
  }

  /** Nothing was said about anything. */
  get isEmpty(): boolean {
    return this.#comments.size === 0;
  }

  get({ key }: ShellcheckInput): readonly ShellComment[] | undefined {
    const comments = this.#comments.get(key);
    if (comments === undefined) return undefined;
    this.#comments.delete(key);
    this.#comments.set(key, comments);
    return comments;
  }

  set({ key }: ShellcheckInput, comments: readonly ShellComment[]): void {
    this.#comments.set(key, comments);
    this.#version = {};
    if (this.#comments.size <= this.#capacity) return;
    for (const oldest of this.#comments.keys()) {
      this.#comments.delete(oldest);
      return;
    }
  }

  clear(): void {
    this.#comments.clear();
    this.#version = {};
  }
}
