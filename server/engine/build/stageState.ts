import type { Platform } from '../../common/platform.ts';
import { defaultPath } from '../container/defaults.ts';
import type { RunConfig } from '../image/types.ts';
import type { BaseImage, NodeId, PlannedHistory } from './planTypes.ts';

export const defaultShell: readonly string[] = ['/bin/sh', '-c'];

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A declared ARG of a stage, for the history entries of RUN. */
export interface DeclaredArg {
  readonly key: string;
  readonly value: string | undefined;
}

/** What the instructions of a stage have made of it so far. */
export class StageState {
  readonly config: Draft<RunConfig>;
  author: string | undefined;
  /** Variables that later instructions see, ENV and ARG in the order they were last set: an ARG behind an ENV wins. */
  readonly env: Map<string, string>;
  readonly args: DeclaredArg[];
  top: NodeId | undefined;
  readonly platform: Platform;
  readonly base: BaseImage | undefined;
  readonly history: PlannedHistory[];
  /** CMD was given in this very stage: ENTRYPOINT then keeps it. */
  commandSet = false;

  private constructor(fields: {
    config: RunConfig;
    author: string | undefined;
    env: Map<string, string>;
    args: DeclaredArg[];
    top: NodeId | undefined;
    platform: Platform;
    base: BaseImage | undefined;
    history: PlannedHistory[];
  }) {
    this.config = fields.config;
    this.author = fields.author;
    this.env = fields.env;
    this.args = fields.args;
    this.top = fields.top;
    this.platform = fields.platform;
    this.base = fields.base;
    this.history = fields.history;
  }

  static scratch(platform: Platform): StageState {
    return StageState.#begin({ config: { WorkingDir: '/' }, platform, base: undefined, top: undefined });
  }

  static onImage(base: BaseImage, { top, platform }: { top: NodeId; platform: Platform }): StageState {
    const { config } = base.config;
    const { OnBuild: _consumed, ...rest } = config ?? {};
    return StageState.#begin({ config: rest, platform, base, top });
  }

  static #begin(from: {
    config: RunConfig;
    platform: Platform;
    base: BaseImage | undefined;
    top: NodeId | undefined;
  }): StageState {
    const state = new StageState({
      ...from,
      author: from.base?.config.author,
      env: new Map(),
      args: [],
      history: [],
    });
    for (const variable of from.config.Env ?? []) state.env.set(...splitVariable(variable));
    if (!state.env.has('PATH')) state.setEnv('PATH', defaultPath);
    return state;
  }

  /** The beginning of a stage on this one: all of it, without the triggers. */
  child(): StageState {
    const { OnBuild: _consumed, ...config } = this.config;
    const child = new StageState({
      config,
      author: this.author,
      env: new Map(this.env),
      args: [...this.args],
      top: this.top,
      platform: this.platform,
      base: this.base,
      history: [...this.history],
    });
    // As dockerfile2llb does for every stage: what the config says comes after the ARGs of the stage below.
    for (const variable of config.Env ?? []) child.setVariable(...splitVariable(variable));
    return child;
  }

  get shell(): readonly string[] {
    return this.config.Shell && this.config.Shell.length > 0 ? this.config.Shell : defaultShell;
  }

  /** Values of the declared ARGs that have one, as later instructions see them. */
  get declared(): { readonly [name: string]: string } {
    const known = this.args.flatMap(({ key }) => {
      const value = this.env.get(key);
      return value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(known);
  }

  get workingDir(): string {
    return this.config.WorkingDir || '/';
  }

  /** ENV: replaced in place in the config. */
  setEnv(name: string, value: string): void {
    this.setVariable(name, value);
    const env = [...(this.config.Env ?? [])];
    const at = env.findIndex(variable => splitVariable(variable)[0] === name);
    if (at === -1) env.push(`${name}=${value}`);
    else env[at] = `${name}=${value}`;
    this.config.Env = env;
  }

  /** ARG: seen by later instructions, not in the config. */
  setVariable(name: string, value: string): void {
    this.env.delete(name);
    this.env.set(name, value);
  }

  record(createdBy: string, node?: NodeId): void {
    this.history.push({ createdBy, node });
  }
}

/** Name and value of `NAME=value`; without `=` the value is empty. */
export function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=');
  return at === -1 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
}
