import {
  type CheckOptions,
  checkFile,
  type Dockerfile,
  type CheckResult as FileCheck,
  reachableStages,
  type StageFacts,
  type Warning,
  warningsBeforeError,
} from '../../language/index.ts';
import { toFinding } from './findings.ts';
import { problemLines } from './planError.ts';
import type { CheckResult } from './types.ts';

/**
 * BuildKit's build checks without a build (dockerfile2llb DockerfileLint): those of all stages, or of what the
 * target needs. What would make a build refuse the file is part of the answer.
 */
export function runCheck(
  file: Dockerfile,
  options: CheckOptions & { readonly target: string | undefined },
): CheckResult {
  const result = checkFile(file, options);
  const needed = neededStages(result.evaluation, options.target);
  const warnings = warningsBeforeError(result).filter(warning => isIn(warning, needed));
  const error = errorOf(result, { warnings, isUnknown: needed === 'unknown', target: options.target });
  return { method: 'check', warnings: warnings.map(toFinding), ...(error && { error }) };
}

function errorOf(
  { error, file }: FileCheck,
  found: {
    readonly warnings: readonly Warning[];
    readonly isUnknown: boolean;
    readonly target: string | undefined;
  },
): CheckResult['error'] {
  if (error && error.code !== 'lint-violation')
    return { message: error.message, ...problemLines(file, error) };
  if (found.isUnknown) return { message: `target stage "${found.target}" could not be found` };
  // A violation is of the file, not of a line; those of stages that are not needed do not count.
  const names = error ? new Set(found.warnings.map(({ rule }) => rule)) : new Set();
  if (names.size === 0) return undefined;
  return { message: `lint violation found for rules: ${[...names].join(', ')}` };
}

type Needed = readonly StageFacts[] | 'all' | 'unknown';

function neededStages(evaluation: Parameters<typeof reachableStages>[0], name: string | undefined): Needed {
  if (name === undefined) return 'all';
  const target = findTarget(evaluation.stages, name);
  return target ? reachableStages(evaluation, target) : 'unknown';
}

/** The stage that `--target` names, by name or index (BuildKit findStateByName, then the index); the last one without. */
export function findTarget(stages: readonly StageFacts[], name: string | undefined): StageFacts | undefined {
  if (name === undefined) return stages.at(-1);
  const named = stages.findLast(({ stage }) => stage.name === name.toLowerCase());
  return named ?? (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
}

/** Checks of the instructions in their place are made for the stages that are needed, all others for the whole file. */
function isIn({ phase, owner }: Warning, needed: Needed): boolean {
  if (phase !== 'build' || needed === 'all') return true;
  return needed !== 'unknown' && needed.some(({ stage }) => stage.nodes.includes(owner));
}
