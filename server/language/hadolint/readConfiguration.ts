import {
  defaultHadolintConfiguration,
  type HadolintConfiguration,
  type HadolintSeverity,
  type LabelType,
} from './configuration.ts';

/** What is wrong with a configuration file. */
export interface ConfigurationProblem {
  /** Keys and indices that lead to it. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface ReadHadolintConfiguration {
  /** With all that is right. */
  readonly configuration: HadolintConfiguration;
  readonly problems: readonly ConfigurationProblem[];
}

/**
 * Reads the data of a `.hadolint.yaml` (hadolint's README, "Configure"). What is wrong is left out and told; hadolint
 * itself refuses the file then.
 */
export function readHadolintConfiguration(data: unknown): ReadHadolintConfiguration {
  const reader = new Reader();
  return { configuration: reader.read(data), problems: reader.problems };
}

/** Rules that hadolint takes for errors, though a build takes the file: who has its configuration wants the same. */
const errors = [
  'DL3000',
  'DL3004',
  'DL3011',
  'DL3012',
  'DL3020',
  'DL3021',
  'DL3023',
  'DL3024',
  'DL3026',
  'DL3043',
  'DL3044',
  'DL3061',
  'DL4000',
  'DL4004',
];

const severities = ['error', 'warning', 'info', 'style'] as const satisfies readonly HadolintSeverity[];
const thresholds: readonly string[] = [...severities, 'ignore', 'none'];
const labelTypes = [
  'email',
  'hash',
  'rfc3339',
  'semver',
  'spdx',
  'text',
  'url',
] as const satisfies LabelType[];

/** They say how hadolint reports, not what. */
const switches = ['no-fail', 'no-color', 'verbose'];
const formats = ['format', 'formats'];
const known = [
  'ignored',
  'override',
  'trustedRegistries',
  'label-schema',
  'strict-labels',
  'disable-ignore-pragma',
  'failure-threshold',
  ...switches,
  ...formats,
];

type Path = ConfigurationProblem['path'];

class Reader {
  readonly problems: ConfigurationProblem[] = [];

  read(data: unknown): HadolintConfiguration {
    const entries = this.#map(data, []);
    for (const key of entries.keys()) {
      if (!known.includes(key)) this.#report([key], `hadolint knows no key ${key}`);
    }
    for (const key of switches) this.#boolean(entries, key);
    const threshold = entries.get('failure-threshold') ?? 'info';
    if (typeof threshold !== 'string' || !thresholds.includes(threshold)) {
      this.#report(['failure-threshold'], `This is one of ${thresholds.join(', ')}`);
    }
    return {
      ...defaultHadolintConfiguration,
      ignored: new Set(this.#list(entries.get('ignored'), ['ignored'])),
      severities: this.#severities(entries.get('override')),
      trustedRegistries: this.#registries(entries.get('trustedRegistries')),
      labelSchema: this.#labelSchema(entries.get('label-schema')),
      strictLabels: this.#boolean(entries, 'strict-labels'),
      disableIgnorePragma: this.#boolean(entries, 'disable-ignore-pragma'),
    };
  }

  #severities(data: unknown): Map<string, HadolintSeverity> {
    const chosen = new Map<string, HadolintSeverity>(errors.map(name => [name, 'error']));
    const entries = this.#map(data, ['override']);
    for (const key of entries.keys()) {
      const isKnown = severities.some(severity => severity === key);
      if (!isKnown) this.#report(['override', key], `This is one of ${severities.join(', ')}`);
    }
    // Of a rule in several lists the most severe counts.
    for (const severity of severities.toReversed()) {
      const names = this.#list(entries.get(severity), ['override', severity]);
      for (const name of names) chosen.set(name, severity);
    }
    return chosen;
  }

  #registries(data: unknown): string[] {
    return typeof data === 'string' ? [data] : this.#list(data, ['trustedRegistries']);
  }

  #labelSchema(data: unknown): Map<string, LabelType> {
    const schema = new Map<string, LabelType>();
    for (const [label, value] of this.#map(data, ['label-schema'])) {
      const type = value === '' ? 'text' : labelTypes.find(one => one === value);
      if (type) schema.set(label, type);
      else this.#report(['label-schema', label], `This is one of ${labelTypes.join(', ')}`);
    }
    return schema;
  }

  #map(data: unknown, path: Path): Map<string, unknown> {
    if (data === undefined || data === null) return new Map();
    if (typeof data === 'object' && !Array.isArray(data)) return new Map(Object.entries(data));
    this.#report(path, 'This is a list of keys with values');
    return new Map();
  }

  #list(data: unknown, path: Path): string[] {
    if (data === undefined || data === null) return [];
    if (!Array.isArray(data)) {
      this.#report(path, 'This is a list');
      return [];
    }
    return data.flatMap((item: unknown, index) => {
      if (typeof item === 'string') return [item];
      this.#report([...path, index], 'This is a text');
      return [];
    });
  }

  #boolean(entries: ReadonlyMap<string, unknown>, key: string): boolean {
    const value = entries.get(key) ?? false;
    if (typeof value !== 'boolean') this.#report([key], 'This is true or false');
    return value === true;
  }

  #report(path: Path, message: string): void {
    this.problems.push({ path, message });
  }
}
