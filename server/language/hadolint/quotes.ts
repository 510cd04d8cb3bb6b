/** A word without the quotes around it. */
export function unquote(text: string): string {
  return text.replace(/^["']+|["']+$/g, '');
}
