import type { Diagnostic } from 'vscode-languageserver';
import {
  type ConfigurationProblem,
  type HadolintConfiguration,
  readHadolintConfiguration,
} from '../../language/index.ts';

/** What the text of a configuration file says, and what is wrong with it. */
export interface HadolintYaml {
  readonly configuration: HadolintConfiguration;
  readonly diagnostics: readonly Diagnostic[];
}

// LSP 3.17 DiagnosticSeverity.
const error = 1;

/** Reads the text of a `.hadolint.yaml`. Never fails; the parser is loaded at the first one. */
export async function readHadolintYaml(text: string): Promise<HadolintYaml> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const toDiagnostic = (range: readonly [number, number], message: string): Diagnostic => {
    const [start, end] = range.map(offset => lineCounter.linePos(offset)).map(toPosition);
    return { range: { start: start ?? top, end: end ?? top }, severity: error, source: 'sampan', message };
  };
  const placeOf = ({ path }: ConfigurationProblem): [number, number] => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
    return Array.isArray(range) ? [Number(range[0]), Number(range[1])] : [0, 0];
  };
  const syntax = document.errors.map(({ pos, message }) =>
    toDiagnostic(pos, message.split('\n')[0] ?? message),
  );
  const { data, failure } = toData(() => document.toJS());
  const { configuration, problems } = readHadolintConfiguration(data);
  const diagnostics = [
    ...syntax,
    ...(failure === undefined ? [] : [toDiagnostic([0, 0], failure)]),
    ...problems.map(problem => toDiagnostic(placeOf(problem), problem.message)),
  ];
  return { configuration, diagnostics };
}

const top = { line: 0, character: 0 };

function toPosition({ line, col }: { readonly line: number; readonly col: number }) {
  return { line: Math.max(line - 1, 0), character: Math.max(col - 1, 0) };
}

/** Aliases without end are refused by the parser. */
function toData(read: () => unknown): { readonly data: unknown; readonly failure?: string } {
  try {
    return { data: read() };
  } catch (failure) {
    return { data: undefined, failure: failure instanceof Error ? failure.message : String(failure) };
  }
}
