// `node test/conformance/incumbent/compare.ts [method…] [--show N]`: our answers to what dockerfile-language-service was
// asked, over the recorded answers in the folder that SAMPAN_CONFORMANCE names. Prints the figures of each method.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judges } from './judges.ts';
import { type Recorded, readRecords, type Verdict } from './record.ts';

/** How the answers to one method compare. */
export interface Comparison {
  readonly method: string;
  /** Answers that the incumbent was asked for. */
  readonly asked: number;
  readonly same: number;
  /** Those that differ on purpose, by class. */
  readonly differs: ReadonlyMap<string, number>;
  readonly worse: readonly { readonly record: Recorded; readonly reason: string }[];
}

/** Compares all recorded answers to one method. */
export function compare(folder: string, method: string): Comparison {
  const records = readRecords(folder, method);
  const differing = new Map<string, number>();
  const worse: { record: Recorded; reason: string }[] = [];
  let same = 0;
  for (const record of records) {
    const verdict = judge(method, record);
    if (verdict === 'same') same++;
    else if ('worse' in verdict) worse.push({ record, reason: verdict.worse });
    else differing.set(verdict.differs, (differing.get(verdict.differs) ?? 0) + 1);
  }
  return { method, asked: records.length, same, differs: differing, worse };
}

function judge(method: string, record: Recorded): Verdict {
  const judged = judges[method];
  if (!judged) throw new Error(`no judge for ${method}`);
  return judged(record);
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { show: { type: 'string', default: '0' } },
  });
  const data = process.env.SAMPAN_CONFORMANCE;
  if (!data) throw new Error('Set SAMPAN_CONFORMANCE to the folder with the conformance data.');
  const folder = join(data, 'language/dockerfile-language-service');
  for (const method of positionals.length > 0 ? positionals : Object.keys(judges)) {
    const { asked, same, differs, worse } = compare(folder, method);
    const classes = [...differs].map(([name, count]) => `${name} ${count}`).join(', ');
    console.log(
      `${method.padEnd(24)} ${same}/${asked} same, ${worse.length} worse${classes && `; ${classes}`}`,
    );
    for (const { record, reason } of worse.slice(0, Number(values.show))) {
      console.log(`  ${JSON.stringify(record.args)}\n    ${reason}`);
    }
  }
}

if (process.argv[1] === import.meta.filename) main();
