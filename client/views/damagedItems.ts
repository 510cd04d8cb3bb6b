import type { DamagedObject } from '../../server/protocol/types.ts';
import type { Item } from './item.ts';
import { shortId } from './words.ts';

/** Rows for what is there but cannot be read, to be shown above the others. */
export function damagedItems(damaged: readonly DamagedObject[]): readonly Item[] {
  return damaged.map(damage => {
    const label = /^(sha256:)?[0-9a-f]{64}$/.test(damage.id) ? shortId(damage.id) : damage.id;
    return {
      id: `damaged/${damage.kind}/${damage.id}`,
      label,
      description: 'damaged',
      icon: { id: 'warning', color: 'problemsWarningIcon.foreground' },
      spoken: `${damage.kind} ${label}, damaged`,
      contextValue: 'damaged',
      subject: { kind: 'damaged', damage },
      children: [],
    };
  });
}
