import type {
  BuildCallResult,
  BuildCheckResult,
  BuildOutlineResult,
  BuildTargetsResult,
} from '../../protocol/types.ts';
import type { DockerfileSource } from './text.ts';

interface Lines {
  readonly line: number;
  readonly endLine: number;
}

/** The answer in the shape of BuildKit's frontend (frontend/subrequests); what is empty or false is left out, as Go does. */
export function callJson(result: BuildCallResult, source: DockerfileSource): string {
  return `${JSON.stringify(documentOf(result, source), undefined, 2)}\n`;
}

function documentOf(result: BuildCallResult, source: DockerfileSource): object {
  const data = Buffer.from(source.text).toString('base64');
  if (result.method === 'check')
    return checkDocument(result, { filename: source.name, language: 'Dockerfile', data });
  return result.method === 'outline' ? outlineDocument(result, data) : targetsDocument(result, data);
}

function checkDocument({ warnings, error }: BuildCheckResult, source: object): object {
  return {
    warnings: warnings.map(({ rule, description, url, message, ...lines }) => ({
      ruleName: rule,
      description,
      url,
      detail: message,
      location: locationOf(lines),
    })),
    sources: [source],
    ...(error && { buildError: { message: error.message, location: errorLocation(error) } }),
  };
}

function outlineDocument(
  { name, description, args, secrets, ssh }: BuildOutlineResult,
  data: string,
): object {
  return {
    ...(name && { name }),
    ...(description && { description }),
    ...(args.length > 0 && { args: args.map(argumentDocument) }),
    ...(secrets.length > 0 && { secrets: secrets.map(mountDocument) }),
    ...(ssh.length > 0 && { ssh: ssh.map(mountDocument) }),
    sources: [data],
  };
}

function argumentDocument({
  name,
  description,
  value,
  ...lines
}: BuildOutlineResult['args'][number]): object {
  return {
    name,
    ...(description && { description }),
    ...(value && { value }),
    location: locationOf(lines),
  };
}

function mountDocument({ name, isRequired, ...lines }: BuildOutlineResult['secrets'][number]): object {
  return { name, ...(isRequired && { required: true }), location: locationOf(lines) };
}

function targetsDocument({ targets }: BuildTargetsResult, data: string): object {
  return {
    targets: targets.map(({ name, isDefault, description, base, platform, ...lines }) => ({
      ...(name && { name }),
      ...(isDefault && { default: true }),
      ...(description && { description }),
      base,
      ...(platform && { platform }),
      location: locationOf(lines),
    })),
    sources: [data],
  };
}

function errorLocation({ line, endLine = line }: Partial<Lines>): object {
  return line === undefined || endLine === undefined ? {} : locationOf({ line, endLine });
}

/** One range a line, as BuildKit's parser has them. */
function locationOf({ line, endLine }: Lines): object {
  const count = Math.max(1, endLine - line + 1);
  return {
    ranges: Array.from({ length: count }, (_, index) => ({
      start: { line: line + index },
      end: { line: line + index },
    })),
  };
}
