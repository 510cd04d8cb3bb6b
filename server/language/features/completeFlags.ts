import {
  instructionDocumentation,
  mountKeyDocumentation,
  mountTypeDocumentation,
} from '../instructions/documentation.ts';
import { instructionFlags } from '../instructions/flags.ts';
import { mountTypes, sharingModes } from '../instructions/mount.ts';
import { networkModes, securityModes } from '../instructions/run.ts';
import type { Flag, InstructionNode, Span } from '../syntax/tree.ts';
import { proposeSources } from './completeStages.ts';
import type { CompletionRequest, Proposal } from './completion.ts';
import { flagAt, type MountPosition, mountAt } from './cursor.ts';
import { markdown } from './describe.ts';
import { completionKind } from './types.ts';

const completeAgain = { title: 'Complete', command: 'editor.action.triggerSuggest' };

const platforms = [
  '$BUILDPLATFORM',
  '$TARGETPLATFORM',
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/riscv64',
];

/** Flags of an instruction, their values, and the keys and values of a mount. */
export function completeFlags(request: CompletionRequest, node: InstructionNode): Proposal[] {
  const { offset } = request.cursor;
  const flag = flagAt(node, offset);
  const { tree } = request.result.file;
  if (!flag?.value || offset < flag.value.start) return completeNames(request, node, flag);
  const mount = mountAt(tree, flag, offset);
  if (mount) return completeMount(request, mount);
  return completeValues(request, flag, { start: flag.value.start, end: flag.end });
}

function completeNames(
  { cursor }: CompletionRequest,
  node: InstructionNode,
  current: Flag | undefined,
): Proposal[] {
  if (!node.name) return [];
  const known = instructionFlags[node.name] ?? {};
  const documentation = instructionDocumentation[node.name].flags;
  const used = new Set(node.flags.filter(flag => flag !== current).map(flag => flag.name.text));
  const hasValue = current?.value !== undefined;
  const span = current ? { start: current.start, end: current.name.end } : cursor.word;
  return Object.entries(known)
    .filter(([name, kind]) => kind === 'list' || !used.has(name))
    .map(([name, kind]): Proposal => {
      const { summary = '', value } = documentation[name] ?? {};
      const isSwitch = kind === 'switch' || hasValue;
      const chooses = ['mount', 'platform', 'from', 'network', 'security'].includes(name);
      const text = isSwitch ? `--${name}` : `--${name}=${chooses ? '' : (value ?? '')}`;
      return {
        label: `--${name}`,
        kind: completionKind.property,
        documentation: markdown(summary),
        insertTextFormat: isSwitch || chooses ? 1 : 2,
        ...(chooses && !hasValue && { command: completeAgain }),
        text,
        span,
      };
    });
}

function completeValues(request: CompletionRequest, flag: Flag, span: Span): Proposal[] {
  switch (flag.name.text) {
    case 'from':
      return proposeSources(request, span, 'name-or-number');
    case 'platform':
      return choices(platforms, span);
    case 'network':
      return choices(networkModes, span);
    case 'security':
      return choices(securityModes, span);
    case 'link':
    case 'parents':
    case 'unpack':
    case 'keep-git-dir':
      return choices(['true', 'false'], span);
    case 'checksum':
      return choices(['sha256:'], span);
    default:
      return [];
  }
}

function completeMount(request: CompletionRequest, mount: MountPosition): Proposal[] {
  if (!mount.value) return completeMountKeys(mount);
  const span = { start: mount.value.start, end: mount.value.end };
  switch (mount.key.text.toLowerCase()) {
    case 'type':
      return mountTypes.map((type): Proposal => {
        const documentation = markdown(mountTypeDocumentation[type] ?? '');
        return { label: type, kind: completionKind.enumMember, documentation, text: type, span };
      });
    case 'sharing':
      return choices(sharingModes, span);
    case 'from':
      return proposeSources(request, span);
    case 'required':
    case 'readonly':
    case 'ro':
    case 'readwrite':
    case 'rw':
      return choices(['true', 'false'], span);
    default:
      return [];
  }
}

function completeMountKeys(mount: MountPosition): Proposal[] {
  const span = { start: mount.key.start, end: mount.key.end };
  return Object.entries(mountKeyDocumentation)
    .filter(([key, { types }]) => types.includes(mount.type) && !mount.used.has(key))
    .map(([key, { summary }]): Proposal => {
      const isSwitch = key === 'readonly' || key === 'readwrite' || key === 'required';
      const chooses = key === 'type' || key === 'sharing' || key === 'from';
      return {
        label: key,
        kind: completionKind.property,
        documentation: markdown(summary),
        ...(chooses && { command: completeAgain }),
        text: isSwitch ? key : `${key}=`,
        span,
      };
    });
}

function choices(values: readonly string[], span: Span): Proposal[] {
  return values.map((text, index): Proposal => {
    return { label: text, kind: completionKind.value, sortText: `${index}`, text, span };
  });
}
