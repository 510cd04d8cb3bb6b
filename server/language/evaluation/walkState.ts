/** What an ENV or ARG sets. */
export interface VariableChange {
  readonly kind: 'ENV' | 'ARG';
  readonly name: string;
  /** Undefined for an ARG without a value. */
  readonly value: string | undefined;
}

/** What the instructions of a stage have changed so far, but for variables. */
export interface Settings {
  readonly hasShell: boolean;
  readonly hasWorkdir: boolean;
  readonly workdir: string;
  /** False when the base image may set variables of which nothing is known. */
  readonly isBaseKnown: boolean;
}

/** The variables at a place. */
export interface Variables {
  readonly current: Map<string, string>;
  readonly declared: Set<string>;
  /** Names that the file sets. */
  readonly written: Set<string>;
}

/**
 * What is so at a place of a stage. After an edit it is the same object where the same is so as before: what follows does the
 * same, too.
 */
export class WalkState {
  readonly settings: Settings;
  readonly #before: WalkState | undefined;
  readonly #changes: readonly VariableChange[];
  readonly #initial: ReadonlyMap<string, string>;
  #next: { readonly effect: string; readonly state: WalkState } | undefined;

  /** At the beginning of a stage whose image has set `env`. */
  static first(settings: Settings, env: ReadonlyMap<string, string>): WalkState {
    return new WalkState(settings, [], { env });
  }

  private constructor(
    settings: Settings,
    changes: readonly VariableChange[],
    from: { readonly env: ReadonlyMap<string, string>; readonly before?: WalkState },
  ) {
    this.settings = settings;
    this.#changes = changes;
    this.#before = from.before;
    this.#initial = from.env;
  }

  /** What is so behind some instructions. */
  next(settings: Settings, changes: readonly VariableChange[]): WalkState {
    const effect = JSON.stringify([settings, changes]);
    if (this.#next?.effect === effect) return this.#next.state;
    const state = new WalkState(settings, changes, { env: this.#initial, before: this });
    this.#next = { effect, state };
    return state;
  }

  /** The variables here; `known` are those at another place, and are used up. */
  variables(known?: { readonly state: WalkState; readonly variables: Variables }): Variables {
    const between: (readonly VariableChange[])[] = [];
    let state: WalkState | undefined = this;
    while (state && state !== known?.state) {
      between.push(state.#changes);
      state = state.#before;
    }
    const variables = state && known ? known.variables : startWith(this.#initial);
    for (const changes of between.reverse()) for (const change of changes) applyChange(variables, change);
    return variables;
  }
}

function startWith(env: ReadonlyMap<string, string>): Variables {
  return { current: new Map(env), declared: new Set(), written: new Set() };
}

export function applyChange({ current, declared, written }: Variables, change: VariableChange): void {
  const { kind, name, value } = change;
  if (value !== undefined) current.set(name, value);
  if (kind === 'ARG') declared.add(name);
  written.add(name);
}
