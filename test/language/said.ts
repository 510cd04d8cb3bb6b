import type { CheckResult } from '../../server/language/lint/check.ts';

/** What a result says; getters and private parts are looked through. */
export function said({ file, evaluation, warnings, problems, error }: CheckResult): unknown {
  const stages = evaluation.stages.map(({ base, ...facts }) => ({ ...facts, base: base?.stage.index }));
  return { file, globalArgs: evaluation.globalArgs, stages, warnings, problems, error };
}
