import { rootItem } from './fileItems.ts';
import type { Item } from './item.ts';

/** An instruction that was built: where it is, what it says, and the file system up to it. */
export interface BuiltStep {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly instruction: string;
  readonly chainId: string;
}

/** Rows of the Step view: the instruction, what it changed, and all files as they are after it. */
export function stepItems({ file, line, instruction, chainId }: BuiltStep): readonly Item[] {
  const id = `step/${chainId}`;
  return [
    {
      id: `${id}/changes`,
      label: instruction,
      description: `${file}:${line}`,
      icon: { id: 'diff' },
      spoken: `what ${instruction} changed, line ${line} of ${file}`,
      contextValue: 'layer',
      subject: { kind: 'layer', chainId, label: instruction },
      children: [],
      lazy: { kind: 'layer', chainId },
    },
    rootItem(id, { kind: 'layer', id: chainId }),
  ];
}
