/**
 * The description of a stage or an argument: what follows its name in a comment directly above (BuildKit
 * instructions/parse.go getDocComment); undefined without one.
 */
export function descriptionOf(name: string | undefined, comments: readonly string[]): string | undefined {
  if (name === undefined) return undefined;
  const prefix = `${name} `;
  const comment = comments.find(line => line.startsWith(prefix));
  return comment?.slice(prefix.length) || undefined;
}
