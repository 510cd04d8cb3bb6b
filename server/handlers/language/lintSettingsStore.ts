import { defaultLintSettings, type LintSettings } from '../../language/index.ts';
import { type ClientSettings, incumbentLevels, ownLevels } from './lintSettings.ts';

/** The settings of the rules: the same object as long as they are the same. */
export class LintSettingsStore {
  #levels: Pick<LintSettings, 'levels' | 'fallbackLevels'> = defaultLintSettings;
  #known = new Map<LintSettings['hadolint'], LintSettings>();

  /** Those where a configuration of hadolint applies; undefined where there is none. */
  of(hadolint: LintSettings['hadolint'] = defaultLintSettings.hadolint): LintSettings {
    let settings = this.#known.get(hadolint);
    if (!settings) {
      settings = { levels: this.#levels.levels, fallbackLevels: this.#levels.fallbackLevels, hadolint };
      if (this.#known.size > mostKnown) this.#known.clear();
      this.#known.set(hadolint, settings);
    }
    return settings;
  }

  set(settings: ClientSettings): void {
    this.#levels = { levels: ownLevels(settings), fallbackLevels: incumbentLevels(settings) };
    this.#known = new Map();
  }
}

/** Configurations that are read again and again are new objects. */
const mostKnown = 50;
