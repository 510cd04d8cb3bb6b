import { readReference, withDefaultTag } from '../../common/reference.ts';
import type { CheckResult } from '../lint/check.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import { findLocal } from './describeImage.ts';
import { stageOf } from './environment.ts';
import { commonUsers, imageUsers } from './knowledge/users.ts';
import { madeAccounts } from './madeAccounts.ts';
import { choices, type Proposal } from './proposal.ts';
import type { Account, ImageAccounts, LocalImage } from './sources.ts';
import { resolveStage } from './stages.ts';

/**
 * Users for USER and `--chown`: those that RUN instructions make, those that other instructions name, those of the base
 * image, and those that every image has. Behind a colon groups.
 */
export function completeUsers(request: CompletionRequest, node: InstructionNode, span: Span): Proposal[] {
  const written = request.result.file.tree.text.slice(span.start, request.cursor.offset);
  const colon = written.indexOf(':');
  if (colon < 0) return choices([...userWords(request, node)], span);
  const groups = [...groupWords(request, node)];
  return choices(groups, { start: span.start + colon + 1, end: span.end });
}

/** What is offered, and what is said about it; the first that is said counts. */
class Words {
  readonly #words = new Map<string, string>();

  add(name: string, about: string): void {
    if (name !== '' && !name.includes('$') && !this.#words.has(name)) this.#words.set(name, about);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#words.entries();
  }
}

function userWords(request: CompletionRequest, node: InstructionNode): Words {
  const { result } = request;
  const words = new Words();
  for (const name of madeAccounts(result, node).users) words.add(name, 'made in this file');
  for (const name of namedUsers(result, node)) words.add(name, 'used in this file');
  const { name, local, accounts } = baseImage(request, node);
  if (local?.user) words.add(local.user, 'of the base image');
  if (accounts) addAccounts(words, accounts.users, 'uid');
  else for (const user of usualUsers(name)) words.add(user, 'of the base image');
  for (const [user, about] of commonUsers) if (!accounts || /^\d/.test(user)) words.add(user, about);
  return words;
}

function groupWords(request: CompletionRequest, node: InstructionNode): Words {
  const words = new Words();
  for (const name of madeAccounts(request.result, node).groups) words.add(name, 'made in this file');
  const { accounts } = baseImage(request, node);
  // A user is given a group of its own name, unless the image says otherwise.
  const made = accounts ? madeAccounts(request.result, node).users : [];
  for (const name of made) words.add(name, 'made in this file');
  if (accounts) addAccounts(words, accounts.groups, 'gid');
  else for (const [name, about] of userWords(request, node)) if (!name.includes(':')) words.add(name, about);
  return words;
}

// login.defs(5): system accounts have ids below UID_MIN; 65534 is nobody's.
const firstOfPeople = 1000;
const nobody = 65534;

/** Those of people before those of the system. */
function addAccounts(words: Words, accounts: readonly Account[], idName: 'uid' | 'gid'): void {
  const isOfPeople = ({ id }: Account): boolean => id >= firstOfPeople && id !== nobody;
  const sorted = [...accounts.filter(isOfPeople), ...accounts.filter(one => !isOfPeople(one))];
  for (const { name, id } of sorted) words.add(name, `${idName} ${id} of the base image`);
}

/** Users that images of such a name bring. */
function usualUsers(image: string | undefined): readonly string[] {
  const repository = image === undefined ? undefined : readReference(image).reference?.path.split('/').at(-1);
  return (repository && Object.hasOwn(imageUsers, repository) ? imageUsers[repository] : undefined) ?? [];
}

function namedUsers({ file }: CheckResult, node: InstructionNode): string[] {
  return file.stages.flatMap(({ instructions }) =>
    instructions.flatMap(one =>
      one.kind === 'USER' && one.node.start !== node.start ? [one.user.text] : [],
    ),
  );
}

interface BaseImage {
  readonly name: string | undefined;
  /** What the local store has under that name. */
  readonly local: LocalImage | undefined;
  /** Undefined where they are not known. */
  readonly accounts: ImageAccounts | undefined;
}

function baseImage({ result, sources, onPending }: CompletionRequest, node: InstructionNode): BaseImage {
  const facts = stageOf(result, node);
  const name = facts && resolveStage(facts);
  const { reference } = readReference(name ?? '');
  const [local] = reference ? findLocal(withDefaultTag(reference), sources.images?.() ?? []) : [];
  const accounts = local && sources.accounts?.(local.id);
  if (accounts === 'pending') onPending();
  return { name, local, accounts: accounts === 'pending' ? undefined : accounts };
}
