import type { BuildCheckResult, BuildOutlineResult, BuildTargetsResult } from '../../protocol/types.ts';
import { withoutControls } from '../output.ts';
import { dockerfileExcerpt } from '../progress/excerpt.ts';
import { layTable } from '../table.ts';

/** The Dockerfile that lines are of. */
export interface DockerfileSource {
  readonly name: string;
  readonly text: string;
}

/** What buildx prints for a check (commands/build.go printResult, BuildKit subrequests/lint). */
export function checkText({ warnings, error }: BuildCheckResult, source: DockerfileSource): string {
  const count = warnings.length;
  if (count === 0) return error ? '' : 'Check complete, no warnings found.\n';
  const found = count === 1 ? '1 warning has been found' : `${count} warnings have been found`;
  const inOrder = [...warnings].sort((one, other) => one.line - other.line);
  const shown = inOrder.map(
    ({ rule, url, message, ...lines }) =>
      `\nWARNING: ${rule} - ${url}\n${withoutControls(message, '\n\t')}\n${excerpt(source, lines)}`,
  );
  return `Check complete, ${found}!\n${shown.join('')}${error ? '\n' : ''}`;
}

/** What a build would fail with, and where. */
export function checkErrorText(
  { message, line, endLine = line }: NonNullable<BuildCheckResult['error']>,
  source: DockerfileSource,
): string {
  const at = line === undefined || endLine === undefined ? '' : excerpt(source, { line, endLine });
  return `ERROR: ${withoutControls(message, '\n\t')}\n${at}`;
}

/** BuildKit's table of targets (subrequests/targets PrintTargets). */
export function targetsText({ targets }: BuildTargetsResult): string {
  const rows = targets.map(({ name = '', isDefault, description = '' }) => [
    isDefault ? `${name} (default)`.trimStart() : name,
    description,
  ]);
  return layTable([['TARGET', 'DESCRIPTION'], ...rows], narrow);
}

/** BuildKit's tables of what a target can be built with (subrequests/outline PrintOutline). */
export function outlineText({ name, description, args, secrets, ssh }: BuildOutlineResult): string {
  const head = [
    ...(name || description ? [['TARGET:', name || '(default)']] : []),
    ...(description ? [['DESCRIPTION:', description]] : []),
  ];
  const required = (mounts: BuildOutlineResult['secrets']) =>
    mounts.map(mount => [mount.name, mount.isRequired ? 'true' : '']);
  return [
    section(head, narrow),
    section(titled(['BUILD ARG', 'VALUE', 'DESCRIPTION'], args.map(argumentRow)), wide),
    section(titled(['SECRET', 'REQUIRED'], required(secrets)), wide),
    section(titled(['SSH', 'REQUIRED'], required(ssh)), wide),
  ].join('');
}

/** The settings of BuildKit's tabwriters. */
const narrow = { leastWidth: 0, padding: 1 };
const wide = { leastWidth: 0, padding: 3 };

function argumentRow({ name, value = '', description = '' }: BuildOutlineResult['args'][number]): string[] {
  return [name, value, description];
}

function titled(head: string[], rows: string[][]): string[][] {
  return rows.length === 0 ? [] : [head, ...rows];
}

function section(rows: string[][], spacing: typeof narrow): string {
  return rows.length === 0 ? '' : `${layTable(rows, spacing)}\n`;
}

function excerpt(
  { name, text }: DockerfileSource,
  lines: { readonly line: number; readonly endLine: number },
): string {
  return dockerfileExcerpt(text, { name, ...lines });
}
