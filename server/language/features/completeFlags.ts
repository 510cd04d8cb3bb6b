// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the editor's snippets
import { instructionDocumentation } from '../instructions/documentation.ts';
import { instructionFlags } from '../instructions/flags.ts';
import { networkModes, securityModes } from '../instructions/run.ts';
import type { Flag, InstructionNode, Span } from '../syntax/tree.ts';
import { proposeSources } from './completeImages.ts';
import { completeMount } from './completeMount.ts';
import { completePath } from './completePaths.ts';
import { completeUsers } from './completeUsers.ts';
import type { CompletionRequest } from './completion.ts';
import { flagAt, mountAt } from './cursor.ts';
import { commonPlatforms } from './knowledge/platforms.ts';
import { choices, completeAgain, type Proposal, type Words } from './proposal.ts';
import { completionKind } from './types.ts';

/** Values of flags that are the same everywhere; those of others depend on the file. */
const values: { readonly [flag: string]: Words } = {
  platform: commonPlatforms,
  network: withDetails(networkModes, {
    default: 'as the build has it',
    none: 'no network',
    host: "the host's network; the build must allow it",
  }),
  security: withDetails(securityModes, {
    sandbox: 'isolated; the default',
    insecure: 'with privileges; the build must allow it',
  }),
  link: ['true', 'false'],
  parents: ['true', 'false'],
  unpack: ['true', 'false'],
  'keep-git-dir': ['true', 'false'],
  checksum: ['sha256:'],
  chmod: [
    ['755', 'programs and folders'],
    ['644', 'files that all may read'],
    ['600', "the owner's alone"],
    ['700', "programs, the owner's alone"],
    ['u=rwX,go=rX', 'folders and programs 755, files 644'],
    ['+x', 'may be run'],
  ],
  interval: ['10s', '30s', '1m', '5m'],
  timeout: ['3s', '5s', '10s', '30s'],
  'start-period': ['0s', '5s', '30s', '1m'],
  'start-interval': ['1s', '2s', '5s'],
  retries: ['1', '3', '5'],
};

/** Flags whose value is chosen from what depends on the file. */
const choosing = new Set([...Object.keys(values), 'mount', 'from', 'chown', 'exclude']);

/** Flags of an instruction, their values, and the keys and values of a mount. */
export function completeFlags(request: CompletionRequest, node: InstructionNode): Proposal[] {
  const { offset } = request.cursor;
  const flag = flagAt(node, offset);
  if (!flag?.value || offset < flag.value.start) return completeNames(request, node, flag);
  const mount = mountAt(request.result.file.tree, flag, offset);
  if (mount) return completeMount(request, node, mount);
  return completeValue(request, node, flag);
}

function completeNames(
  { cursor }: CompletionRequest,
  node: InstructionNode,
  current: Flag | undefined,
): Proposal[] {
  const { name: instruction } = node;
  if (!instruction) return [];
  const known = instructionFlags[instruction] ?? {};
  const used = new Set(node.flags.filter(flag => flag !== current).map(flag => flag.name.text));
  const hasValue = current?.value !== undefined;
  const span = current ? { start: current.start, end: current.name.end } : cursor.word;
  return Object.entries(known)
    .filter(([name, kind]) => kind === 'list' || !used.has(name))
    .map(([name, kind]): Proposal => {
      const value = instructionDocumentation[instruction].flags[name]?.value ?? '';
      const isWhole = kind === 'switch' || hasValue;
      const chooses = choosing.has(name);
      return {
        label: `--${name}`,
        kind: completionKind.property,
        insertTextFormat: isWhole || chooses ? 1 : 2,
        ...(!isWhole && chooses && { command: completeAgain }),
        data: { kind: 'flag', instruction, name },
        text: isWhole ? `--${name}` : `--${name}=${chooses ? '' : value}`,
        span,
      };
    });
}

function completeValue(request: CompletionRequest, node: InstructionNode, flag: Flag): Proposal[] {
  const name = flag.name.text;
  const span: Span = { start: flag.value?.start ?? flag.end, end: flag.end };
  const isKnown = instructionFlags[node.name ?? 'FROM']?.[name] !== undefined;
  if (!isKnown) return [];
  if (name === 'from') return proposeSources(request, span, 'name-or-number').proposals;
  if (name === 'chown') return completeUsers(request, node, span);
  if (name === 'exclude') return completePath(request, node, span);
  return Object.hasOwn(values, name) ? choices(values[name] ?? [], span) : [];
}

function withDetails(
  words: readonly string[],
  details: { readonly [word: string]: string },
): [string, string][] {
  return words.map(word => [word, details[word] ?? '']);
}
