import { defaultHadolintConfiguration, type HadolintConfiguration } from '../hadolint/configuration.ts';
import type { Severity } from './editorRule.ts';

export type Level = Severity | 'off';

/** What the user and the workspace say about rules. */
export interface LintSettings {
  /** Levels by the names of rules: these come first. */
  readonly levels: ReadonlyMap<string, Level>;
  /** Levels by the names of rules, of settings that belong to others: these come last. */
  readonly fallbackLevels: ReadonlyMap<string, Level>;
  readonly hadolint: HadolintConfiguration;
}

export const defaultLintSettings: LintSettings = {
  levels: new Map(),
  fallbackLevels: new Map(),
  hadolint: defaultHadolintConfiguration,
};

/** The level that somebody chose for a fact that goes by these names; undefined when nobody did. */
export function chosenLevel(settings: LintSettings, names: readonly string[]): Level | undefined {
  const { levels, fallbackLevels, hadolint } = settings;
  return (
    first(names, name => levels.get(name)) ??
    first(names, name => hadolintLevel(name, hadolint)) ??
    first(names, name => fallbackLevels.get(name))
  );
}

const levelOfSeverity = {
  error: 'error',
  warning: 'warning',
  info: 'information',
  style: 'hint',
  ignore: 'off',
} as const;

function hadolintLevel(name: string, { ignored, severities }: HadolintConfiguration): Level | undefined {
  if (ignored.has(name)) return 'off';
  const severity = severities.get(name);
  return severity && levelOfSeverity[severity];
}

function first(names: readonly string[], find: (name: string) => Level | undefined): Level | undefined {
  for (const name of names) {
    const level = find(name);
    if (level !== undefined) return level;
  }
  return undefined;
}
