/** What a `.hadolint.yaml` says, in its own words (hadolint's README, "Configure"). */
export interface HadolintConfiguration {
  /** Rules that are not applied. */
  readonly ignored: ReadonlySet<string>;
  /** Severities that are chosen for rules. */
  readonly severities: ReadonlyMap<string, HadolintSeverity>;
  /** Patterns of the registries that images may come from; all when it is empty. */
  readonly trustedRegistries: readonly string[];
  /** The type that the value of each label has to be of. */
  readonly labelSchema: ReadonlyMap<string, LabelType>;
  /** Other labels than those of the schema are superfluous. */
  readonly strictLabels: boolean;
  /** `# hadolint ignore=` comments do not count. */
  readonly disableIgnorePragma: boolean;
}

/** What the value of a label has to be. */
export type LabelType = 'email' | 'hash' | 'rfc3339' | 'semver' | 'spdx' | 'text' | 'url';

export type HadolintSeverity = 'error' | 'warning' | 'info' | 'style' | 'ignore';

export const defaultHadolintConfiguration: HadolintConfiguration = {
  ignored: new Set(),
  severities: new Map(),
  trustedRegistries: [],
  labelSchema: new Map(),
  strictLabels: false,
  disableIgnorePragma: false,
};
