/** What a cache key is made of, named so that a person can be told which part changed. */
export const inputKinds = [
  'base',
  'instruction',
  'arg',
  'env',
  'option',
  'file',
  'folder',
  'content',
] as const;

export type InputKind = (typeof inputKinds)[number];

/**
 * The inputs of a step's key by `kind name` (`arg VERSION`, `file src/a.ts`, `option user`). Values are the
 * values themselves, or digests of what is long or is content: see {@link isDigestOnly}.
 */
export type StepInputs = { readonly [name: string]: string };

/** A step as it was when its Dockerfile was last built. */
export interface TracedStep {
  /** `build`, or empty in a file of one stage. */
  readonly stage: string;
  /** Position among the steps of its stage. */
  readonly position: number;
  /** The instruction as it is shown, without its number. */
  readonly name: string;
  /** Cache key; of a base image its ID. */
  readonly key: string;
  /** Key of the step below; empty for none. */
  readonly parent: string;
  readonly inputs: StepInputs;
}

/** Why a step is taken from the cache or not. `message` is a sentence without full stop. */
export type CacheReason =
  /** One of its inputs. Without `before` and `after` when only digests are known. */
  | {
      readonly kind: 'input';
      readonly input: InputKind;
      readonly name: string;
      readonly change: 'changed' | 'added' | 'removed';
      readonly before?: string;
      readonly after?: string;
      readonly message: string;
    }
  /** The step below, or one that it copies from or mounts, is made anew. */
  | { readonly kind: 'follows'; readonly step: string; readonly message: string }
  /** Nothing like it was built from this Dockerfile here. */
  | { readonly kind: 'new'; readonly message: string }
  /** It was built just so, but its layer is gone: pruned, or never kept because files changed meanwhile. */
  | { readonly kind: 'gone'; readonly message: string }
  /** The user asked for it. */
  | { readonly kind: 'disabled'; readonly message: string }
  /** Of a prediction: only a build can tell. */
  | { readonly kind: 'open'; readonly message: string };

export interface Explanation {
  readonly outcome: 'hit' | 'miss' | 'unknown';
  readonly reasons: readonly CacheReason[];
  /** RFC 3339: when the layer of a hit was made. */
  readonly madeAt?: string;
}
