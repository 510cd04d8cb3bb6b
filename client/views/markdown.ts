/** Text that Markdown shows as it is. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>&~$]/g, '\\$&').replace(/\r?\n/g, ' ');
}

/** Text in a code span; the fence is longer than any run of backticks inside (CommonMark 6.1). */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(run => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text.replace(/\r?\n/g, ' ')}${pad}${fence}`;
}

/** A heading and a line for each fact; facts without a value are left out. Values are Markdown. */
export function factSheet(
  title: string,
  facts: readonly (readonly [name: string, value: string | undefined])[],
): string {
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  // Two spaces end a line without ending the paragraph.
  return `**${plain(title)}**\n\n${rows.join('  \n')}`;
}
