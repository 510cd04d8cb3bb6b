import type { BuildEvent, CacheExplanation } from '../../protocol/types.ts';
import { withoutControls } from '../output.ts';

/** Collects why each step of a build is taken from the cache or not, for `--explain` and `--dry-run`. */
export class ExplanationList {
  readonly #names = new Map<string, string>();
  readonly #explanations = new Map<string, CacheExplanation>();

  handle(event: BuildEvent): void {
    if (event.kind === 'plan') for (const { id, name } of event.steps) this.#names.set(id, name);
    else if (event.kind === 'explain') this.#explanations.set(event.step, event);
  }

  /** A line a step in the order of the plan, with its reasons below. Steps that were not reached are left out. */
  text(): string {
    return [...this.#names]
      .map(([id, name]) => {
        const explanation = this.#explanations.get(id);
        return explanation ? stepText(withoutControls(firstLine(name)), explanation) : '';
      })
      .join('');
  }
}

const words: { readonly [O in CacheExplanation['outcome']]: string } = {
  hit: 'HIT    ',
  miss: 'MISS   ',
  unknown: 'UNKNOWN',
};

function stepText(name: string, { outcome, reasons, madeAt }: CacheExplanation): string {
  const made = madeAt === undefined ? '' : ` (made ${madeAt})`;
  const lines = reasons.map(({ message }) => `          ${withoutControls(message)}\n`);
  return `${words[outcome]} ${name}${made}\n${lines.join('')}`;
}

function firstLine(name: string): string {
  return name.split('\n', 1)[0] ?? '';
}
