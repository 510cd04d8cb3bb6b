import type { BuildCallParams, BuildCallResult } from '../../protocol/types.ts';
import type { Client } from '../client.ts';
import { ExitCode } from '../failure.ts';
import { type BuildSource, dockerfileName } from '../options/buildSource.ts';
import { print } from '../output.ts';
import type { BuildCall } from './callFlag.ts';
import { callJson } from './json.ts';
import { checkErrorText, checkText, type DockerfileSource, outlineText, targetsText } from './text.ts';

/** Asks about the Dockerfile instead of building it. A check ends with 1 when it found something. */
export async function runCall(
  { method, format, ignoresStatus }: BuildCall,
  options: {
    readonly connection: Client;
    readonly source: BuildSource;
    readonly params: Omit<BuildCallParams, 'method' | keyof BuildSource>;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { connection, params, source, signal } = options;
  const result = await connection.request('sampan/build/call', { ...params, ...source, method }, signal);
  const dockerfile = { name: dockerfileName(source), text: result.dockerfileText };
  await print(format === 'json' ? callJson(result, dockerfile) : textOf(result, dockerfile));
  if (result.method !== 'check') return 0;
  const { error, warnings } = result;
  if (error) {
    process.stderr.write(checkErrorText(error, dockerfile));
    return ExitCode.failed;
  }
  return warnings.length > 0 && !ignoresStatus ? ExitCode.failed : 0;
}

function textOf(result: BuildCallResult, dockerfile: DockerfileSource): string {
  switch (result.method) {
    case 'check':
      return checkText(result, dockerfile);
    case 'outline':
      return outlineText(result);
    case 'targets':
      return targetsText(result);
  }
}
