import type { Span } from '../syntax/tree.ts';

/**
 * Where `$name` or `${name` is used in a part of the text for the `occurrence`th time (from 0): the span of the
 * name. Undefined when it is used less often, as in a text that a continuation cuts.
 */
export function findVariable(
  text: string,
  span: Span,
  use: { readonly name: string; readonly occurrence?: number },
): Span | undefined {
  let left = use.occurrence ?? 0;
  for (let dollar = text.indexOf('$', span.start); dollar >= 0; dollar = text.indexOf('$', dollar + 1)) {
    const start = text[dollar + 1] === '{' ? dollar + 2 : dollar + 1;
    const end = start + use.name.length;
    if (end > span.end) return undefined;
    if (!text.startsWith(use.name, start) || /[\p{L}\p{Nd}_]/u.test(text[end] ?? '')) continue;
    if (left === 0) return { start, end };
    left--;
  }
  return undefined;
}
