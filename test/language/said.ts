import type { CheckResult } from '../../server/language/lint/check.ts';

/** What a result says. How it is divided into pages, and what is kept in private, says nothing. */
export function said({ file, evaluation, warnings, problems, error }: CheckResult): unknown {
  const stages = evaluation.stages.map(facts => {
    const { stage, image, defaultImage, platform, base, unsetInFrom, baseImage } = facts;
    const { index, name, from, nodes } = stage;
    return {
      stage: { index, name, from, nodes, instructions: stage.instructions },
      image,
      defaultImage,
      platform,
      base: base?.stage.index,
      unsetInFrom,
      baseImage,
      initialEnv: facts.initialEnv,
      instructions: facts.instructions,
    };
  });
  const { tree, reads, globalArgs } = file;
  const written = { tree, reads, globalArgs, problems: file.problems };
  return { file: written, globalArgs: evaluation.globalArgs, stages, warnings, problems, error };
}
