import { mountKeyDocumentation } from '../instructions/documentation.ts';
import { mountKeys, mountTypes, sharingModes } from '../instructions/mount.ts';
import type { MountField } from '../instructions/types.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import { proposeSources } from './completeImages.ts';
import { completePath } from './completePaths.ts';
import { knownFolders } from './completeStages.ts';
import type { CompletionRequest } from './completion.ts';
import type { MountPosition } from './cursor.ts';
import { cacheTargets } from './knowledge/mounts.ts';
import { choices, completeAgain, type Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

const sharing: { readonly [mode: string]: string } = {
  shared: 'builds use it at once; the default',
  private: 'each build gets one of its own',
  locked: 'one build after the other, as apt needs it',
};

const switches = new Set(['readonly', 'readwrite', 'required']);
const choosing = new Set(['type', 'sharing', 'from', 'target', 'source', 'id', 'mode']);

/** Keys of `--mount` that its type has, and what each can be. */
export function completeMount(
  request: CompletionRequest,
  node: InstructionNode,
  mount: MountPosition,
): Proposal[] {
  if (!mount.value) return completeKeys(mount);
  const span = { start: mount.value.start, end: mount.value.end };
  const key = mountKeys.get(mount.key.text.toLowerCase()) ?? '';
  if (switches.has(key)) return choices(['true', 'false'], span);
  switch (key) {
    case 'type':
      return mountTypes.map((type): Proposal => {
        const data = { kind: 'mount-type', name: type } as const;
        return { label: type, kind: completionKind.enumMember, data, text: type, span };
      });
    case 'sharing':
      return choices(
        sharingModes.map((mode): [string, string] => [mode, sharing[mode] ?? '']),
        span,
      );
    case 'from':
      return proposeSources(request, span).proposals;
    case 'target':
      return completeTarget(request, node, { mount, span });
    case 'source':
      return mount.type === 'bind' && !mount.used.has('from') ? completePath(request, node, span) : [];
    case 'id':
      return choices(idsOf(request, mount), span);
    case 'env':
      return choices(idsOf(request, mount).map(variableName), span);
    case 'size':
      return choices(['64m', '256m', '1g'], span);
    case 'mode':
      return choices(mount.type === 'cache' ? ['0755', '0700', '0777'] : ['0400', '0440', '0444'], span);
    case 'uid':
    case 'gid':
      return choices(['0', '1000'], span);
    default:
      return [];
  }
}

function completeKeys(mount: MountPosition): Proposal[] {
  const span = { start: mount.key.start, end: mount.key.end };
  return Object.entries(mountKeyDocumentation)
    .filter(([key, { types }]) => types.includes(mount.type) && !mount.used.has(key))
    .map(
      ([key]): Proposal => ({
        label: key,
        kind: completionKind.property,
        data: { kind: 'mount-key', name: key },
        ...(choosing.has(key) && { command: completeAgain }),
        text: switches.has(key) ? key : `${key}=`,
        span,
      }),
    );
}

/** Folders that the file names; for a cache those of package managers, for a secret where one is by default. */
function completeTarget(
  request: CompletionRequest,
  node: InstructionNode,
  { mount, span }: { readonly mount: MountPosition; readonly span: Span },
): Proposal[] {
  const folders = knownFolders(request.result, node);
  if (mount.type === 'cache') {
    const words = [
      ...Object.entries(cacheTargets),
      ...folders.map((one): [string, string] => [one, 'in this file']),
    ];
    return choices(words, span, completionKind.folder);
  }
  if (mount.type === 'tmpfs') return choices(['/tmp', '/run', ...folders], span, completionKind.folder);
  if (mount.type === 'secret')
    return choices(
      idsOf(request, mount).map(id => `/run/secrets/${id}`),
      span,
    );
  return choices(folders, span, completionKind.folder);
}

const usualIds: { readonly [type: string]: readonly string[] } = {
  ssh: ['default'],
  secret: ['npmrc', 'pip', 'netrc', 'github_token', 'aws'],
};

/** Ids that mounts of this type have elsewhere in the file, then usual ones. */
function idsOf({ result, cursor }: CompletionRequest, { type }: MountPosition): string[] {
  const ids = new Set<string>();
  for (const { instructions } of result.file.stages) {
    for (const one of instructions) {
      if (one.kind !== 'RUN') continue;
      for (const { value, fields } of one.mounts) {
        const isCurrent = value.start <= cursor.offset && cursor.offset <= value.end;
        const id = isCurrent ? undefined : idOf(fields, type);
        if (id) ids.add(id);
      }
    }
  }
  for (const id of usualIds[type] ?? []) ids.add(id);
  return [...ids];
}

/** The id of a mount if it is of this type; the source of a secret is its id too. */
function idOf(fields: readonly MountField[], type: string): string | undefined {
  const values = new Map(fields.map(({ key, value }) => [mountKeys.get(key.text) ?? key.text, value?.text]));
  if ((values.get('type') ?? 'bind') !== type) return undefined;
  return values.get('id') ?? (type === 'secret' ? values.get('source') : undefined);
}

function variableName(id: string): string {
  return id.toUpperCase().replace(/\W/g, '_');
}
