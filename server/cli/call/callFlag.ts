import type { BuildCallParams } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import { csvFields } from '../options/csv.ts';

/** What `--call` asks for instead of a build. */
export interface BuildCall {
  readonly method: BuildCallParams['method'];
  readonly format: 'text' | 'json';
  /** Ends with 0 whatever was found. */
  readonly ignoresStatus: boolean;
}

const methods: ReadonlyMap<string, BuildCall['method']> = new Map([
  ['check', 'check'],
  ['lint', 'check'],
  ['outline', 'outline'],
  ['targets', 'targets'],
]);

/** `METHOD[,format=json][,ignorestatus=BOOL]` (buildx ParseCallFunc); undefined is a build. */
export function readCall({
  call,
  check,
}: {
  readonly call: string | undefined;
  readonly check: boolean;
}): BuildCall | undefined {
  const fields = csvFields(check ? 'check' : call || 'build');
  const [name, ...more] = fields.filter(field => !field.includes('='));
  if (name === undefined || more.length > 0)
    throw usageFailure(`invalid call "${call}": it needs one method`);
  const options = new Map(fields.filter(field => field.includes('=')).map(field => pairOf(field)));
  for (const key of options.keys())
    if (key !== 'format' && key !== 'ignorestatus')
      throw usageFailure(`invalid call "${call}": "${key}" is not format or ignorestatus`);
  if (name === 'build') return undefined;
  const method = methods.get(name);
  if (method === undefined)
    throw usageFailure(`invalid call "${name}": it must be build, check, outline or targets`);
  return {
    method,
    format: formatOf(options.get('format')),
    ignoresStatus: isTrue(options.get('ignorestatus')),
  };
}

function pairOf(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}

function formatOf(text: string | undefined): BuildCall['format'] {
  if (text === undefined || text === '' || text === 'text') return 'text';
  if (text === 'json') return 'json';
  throw usageFailure(`invalid format "${text}": it must be text or json`);
}

function isTrue(text: string | undefined): boolean {
  if (text === undefined || text === 'false' || text === '0') return false;
  if (text === 'true' || text === '1') return true;
  throw usageFailure(`invalid ignorestatus "${text}": it must be true or false`);
}
