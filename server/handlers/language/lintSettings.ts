import type { Level } from '../../language/lint/settings.ts';

/** What a client has set, as it comes. */
export interface ClientSettings {
  /** `sampan.lint`. */
  readonly lint?: unknown;
  /** `docker.languageserver.diagnostics`: those of the Docker language server. */
  readonly incumbent?: unknown;
}

/** The levels that `sampan.lint.rules` chooses; what is no level is left out. */
export function ownLevels({ lint }: ClientSettings): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>();
  for (const [name, value] of Object.entries(asObject(asObject(lint).rules))) {
    const level = typeof value === 'string' ? levelNames.get(value.toLowerCase()) : undefined;
    if (level !== undefined) levels.set(name, level);
  }
  return levels;
}

/** The levels that settings of the Docker language server choose, for rules about which ours say nothing. */
export function incumbentLevels({ incumbent }: ClientSettings): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>();
  const settings = asObject(incumbent);
  for (const [setting, rules] of Object.entries(incumbentRules)) {
    const value = settings[setting];
    const level = typeof value === 'string' ? incumbentNames.get(value) : undefined;
    if (level !== undefined) for (const rule of rules) levels.set(rule, level);
  }
  return levels;
}

const levelNames: ReadonlyMap<string, Level> = new Map([
  ['off', 'off'],
  ['hint', 'hint'],
  ['info', 'information'],
  ['information', 'information'],
  ['warning', 'warning'],
  ['error', 'error'],
]);

const incumbentNames: ReadonlyMap<string, Level> = new Map([
  ['ignore', 'off'],
  ['warning', 'warning'],
  ['error', 'error'],
]);

const incumbentRules: { readonly [setting: string]: readonly string[] } = {
  deprecatedMaintainer: ['MaintainerDeprecated'],
  directiveCasing: ['DirectiveCasing'],
  emptyContinuationLine: ['NoEmptyContinuation'],
  instructionCasing: ['InstructionCasing'],
  instructionCmdMultiple: ['DL4003'],
  instructionEntrypointMultiple: ['DL4004'],
  instructionHealthcheckMultiple: ['DL3012'],
  instructionJSONInSingleQuotes: ['JSONInSingleQuotes'],
  instructionWorkdirRelative: ['WorkdirRelativePath'],
};

function asObject(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
