import { formatSize } from '../../common/sizes.ts';
import type { ImageDetail } from '../../protocol/types.ts';
import type { Layout, Row } from '../listing.ts';
import { ago, shortId } from '../words.ts';

export const historyLayout: Layout = {
  headings: {
    ID: 'IMAGE',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    CreatedBy: 'CREATED BY',
    Size: 'SIZE',
    Comment: 'COMMENT',
  },
  columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
  quiet: 'ID',
};

/** Docker shows so much of an instruction. */
const instructionMax = 45;

interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/**
 * The newest entry first, named by the image; those below have no image of their own (docker's `<missing>`). Entries that
 * are not empty stand for the layers, in order (OCI image-spec config.md).
 */
export function historyRows(
  image: Pick<ImageDetail, 'id' | 'config' | 'layers'>,
  { trunc, human, now }: { readonly trunc: boolean; readonly human: boolean; readonly now: number },
): Row[] {
  const { history = [] } = image.config as { readonly history?: readonly HistoryEntry[] };
  const sizes = image.layers.map(layer => layer.size);
  const rows = history.map(({ created = '', created_by = '', comment = '', empty_layer }) => {
    const size = empty_layer ? 0 : (sizes.shift() ?? 0);
    const instruction = created_by.replaceAll('\t', ' ');
    const isLong = trunc && instruction.length > instructionMax;
    return {
      CreatedSince: human ? ago(created, now) : created,
      CreatedAt: created,
      CreatedBy: isLong ? `${instruction.slice(0, instructionMax - 1)}…` : instruction,
      Size: human ? formatSize(size) : String(size),
      Comment: comment,
    };
  });
  const id = trunc ? shortId(image.id) : image.id;
  return rows.toReversed().map((row, index) => ({ ID: index === 0 ? id : '<missing>', ...row }));
}
