import type { PastBuild } from '../build/buildHistory.ts';
import { durationText } from '../build/duration.ts';
import type { Item } from './item.ts';

/** Rows of the Builds view, the latest first. */
export function buildItems(builds: readonly PastBuild[]): readonly Item[] {
  return builds.map(build => {
    const { id, params, document, outcome } = build;
    const label = params.tags[0] ?? document.slice(document.lastIndexOf('/') + 1);
    const description = outcomeText(build);
    return {
      id: `build/${id}`,
      label,
      description,
      icon: iconOf(outcome),
      spoken: `build of ${label}, ${description}`,
      contextValue: ['build', outcome.kind, ...(hasLine(outcome) ? ['line'] : [])].join(' '),
      subject: { kind: 'build', build },
      children: [],
      click: { command: 'sampan.builds.openLog' },
    };
  });
}

function hasLine(outcome: PastBuild['outcome']): boolean {
  return outcome.kind === 'failed' && outcome.line !== undefined;
}

/** `3.1 s · 4 of 6 steps from the cache`, `failed after 3.1 s · the reason`. */
function outcomeText({ outcome, milliseconds }: PastBuild): string {
  const time = durationText(milliseconds);
  switch (outcome.kind) {
    case 'built':
      return `${time} · ${outcome.cachedSteps} of ${outcome.steps} steps from the cache`;
    case 'cancelled':
      return `cancelled after ${time}`;
    case 'failed':
      return `failed after ${time} · ${outcome.message}`;
  }
}

function iconOf({ kind }: PastBuild['outcome']): Item['icon'] {
  if (kind === 'built') return { id: 'pass', color: 'charts.green' };
  if (kind === 'failed') return { id: 'error', color: 'problemsErrorIcon.foreground' };
  return { id: 'circle-slash' };
}
