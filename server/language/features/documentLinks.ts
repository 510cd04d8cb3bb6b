import { sourceKind } from '../instructions/sources.ts';
import { sourceWords } from '../instructions/stageWords.ts';
import type { Dockerfile, Instruction } from '../instructions/types.ts';
import type { CheckResult } from '../lint/check.ts';
import { toRange } from '../syntax/position.ts';
import type { Span, Tree, Word } from '../syntax/tree.ts';
import { registryPage } from './registryPage.ts';
import { findStageUses } from './stages.ts';
import type { DocumentLink } from './types.ts';

/** Images with the page of their registry, and URLs that ADD downloads. Files of the context: {@link contextLinks}. */
export function documentLinks({ file }: CheckResult): DocumentLink[] {
  const stageUses = new Set(findStageUses(file).map(({ span }) => span.start));
  const images = imageWords(file)
    .filter(({ start }) => !stageUses.has(start))
    .flatMap(word => imageLink(file.tree, word));
  return [
    ...syntaxLink(file.tree),
    ...images,
    ...file.stages.flatMap(({ instructions }) => instructions.flatMap(one => urlLinks(file.tree, one))),
  ];
}

/** A source of COPY, ADD or a bind mount that is one path of the build context. */
export interface ContextLink {
  readonly range: DocumentLink['range'];
  readonly path: string;
}

/** The files and folders of the build context that the file names without patterns and variables. */
export function contextLinks({ file }: CheckResult): ContextLink[] {
  const plain = /^[^*?[\]$"'\\`<>]+$/;
  return file.stages.flatMap(({ instructions }) =>
    instructions.flatMap(contextWords).flatMap(word => {
      const isWritten = file.tree.text.slice(word.start, word.end) === word.text;
      const isFile =
        isWritten && plain.test(word.text) && /[^./]/.test(word.text) && sourceKind(word.text) === 'path';
      return isFile ? [{ range: toRange(file.tree, word), path: word.text }] : [];
    }),
  );
}

function contextWords(instruction: Instruction): Word[] {
  switch (instruction.kind) {
    case 'COPY':
      return instruction.from ? [] : [...instruction.sources];
    case 'ADD':
      return [...instruction.sources];
    case 'RUN':
      return instruction.mounts.flatMap(({ fields }) => {
        const find = (...keys: string[]) => fields.find(({ key }) => keys.includes(key.text))?.value;
        const isBind = (find('type')?.text ?? 'bind') === 'bind' && !find('from');
        const source = isBind ? find('source', 'src') : undefined;
        return source ? [source] : [];
      });
    default:
      return [];
  }
}

/** Words that name images or stages. */
function imageWords(file: Dockerfile): Word[] {
  return file.stages.flatMap(({ from, nodes }) => [
    from.image,
    ...nodes.flatMap(node => [...sourceWords(node)]),
  ]);
}

function imageLink(tree: Tree, word: Word): DocumentLink[] {
  if (word.text === 'scratch' || /^\d+$/.test(word.text)) return [];
  const page = tree.text.slice(word.start, word.end) === word.text ? registryPage(word.text) : undefined;
  if (!page) return [];
  const span: Span = { start: word.start, end: word.start + page.nameLength };
  return [{ range: toRange(tree, span), target: page.target, tooltip: 'Page of the image' }];
}

/** The frontend is an image too. */
function syntaxLink(tree: Tree): DocumentLink[] {
  const directive = tree.elements.find(one => one.kind === 'directive' && one.name.text === 'syntax');
  return directive?.kind === 'directive' ? imageLink(tree, directive.value) : [];
}

function urlLinks(tree: Tree, instruction: Instruction): DocumentLink[] {
  if (instruction.kind !== 'ADD') return [];
  return instruction.sources
    .filter(({ text }) => /^https?:\/\/[^$]+$/i.test(text))
    .map(word => ({ range: toRange(tree, word), target: word.text, tooltip: 'What is downloaded' }));
}
