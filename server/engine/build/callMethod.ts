import { SampanError } from '../../common/errors.ts';
import { formatPlatform, hostPlatform, type Platform, parsePlatform } from '../../common/platform.ts';
import {
  type Dockerfile,
  type Evaluation,
  evaluate,
  firstProblem,
  type ImageFacts,
  listTargets,
  outlineOf,
  parse,
} from '../../language/index.ts';
import type { BuilderParts } from './buildContext.ts';
import { findTarget, runCheck } from './callCheck.ts';
import { canonical, imageFacts } from './checks.ts';
import { readIgnoreFile } from './context.ts';
import { layoutPlaceOf } from './layoutPlace.ts';
import { namedContext } from './openContexts.ts';
import { linesOf, problemError } from './planError.ts';
import type { CallOptions, CallResult, OutlineResult, TargetsResult } from './types.ts';

/**
 * Answers a question about a Dockerfile without a build: nothing is pulled, and of base images only those in the
 * store are known.
 *
 * @throws SampanError `dockerfile-invalid` with `detail.line` (outline and targets; a check reports it), `invalid-argument`
 */
export async function callMethod(
  parts: Pick<BuilderParts, 'images'>,
  options: CallOptions,
): Promise<CallResult> {
  const file = parse(options.dockerfile.text);
  if (options.method === 'targets') return targets(file);
  const asked = await evaluationOptions(parts, { file, options });
  if (options.method === 'outline') return outline(evaluate(file, asked), options);
  const { contextDirectory, dockerfile } = options;
  const ignore = await readIgnoreFile({ directory: contextDirectory, dockerfilePath: dockerfile.path });
  const target = options.target || undefined;
  return runCheck(file, { ...asked, target, ...(contextDirectory !== undefined && { ignore }) });
}

function targets(file: Dockerfile): TargetsResult {
  const problem = firstProblem(file);
  if (problem) throw problemError(file, problem);
  return {
    method: 'targets',
    targets: listTargets(file).map(({ node, ...target }) => ({ ...target, ...linesOf(node) })),
  };
}

function outline(evaluation: Evaluation, options: CallOptions): OutlineResult {
  const { file, problems, stages } = evaluation;
  const problem = firstProblem(file) ?? problems[0];
  if (problem) throw problemError(file, problem);
  const target = findTarget(stages, options.target || undefined);
  if (!target) throw unknownTarget(options.target ?? '');
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  const found = outlineOf(evaluation, { target, buildArgs });
  return {
    method: 'outline',
    name: found.name,
    description: found.description,
    args: found.args.map(({ node, ...one }) => ({ ...one, ...linesOf(node) })),
    secrets: found.secrets.map(({ node, ...one }) => ({ ...one, ...linesOf(node) })),
    ssh: found.ssh.map(({ node, ...one }) => ({ ...one, ...linesOf(node) })),
  };
}

function unknownTarget(name: string): SampanError {
  return new SampanError('invalid-argument', `Target stage "${name}" could not be found.`, {
    hint: 'sampan build --call=targets lists the stages.',
  });
}

async function evaluationOptions(
  { images }: Pick<BuilderParts, 'images'>,
  { file, options }: { readonly file: Dockerfile; readonly options: CallOptions },
): Promise<{
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly platform: string;
  readonly findImage: (name: string) => ImageFacts | undefined;
}> {
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  const platform = formatPlatform(platformOf(options));
  const names = new Set(
    evaluate(file, { buildArgs, platform }).stages.flatMap(({ base, image }) =>
      base || !image || image.text === '' || image.text === 'scratch' ? [] : [image.text],
    ),
  );
  const known = new Map<string, ImageFacts>();
  await Promise.all(
    [...names].map(async name => {
      const reference = referenceOf(name, options);
      const image = reference === undefined ? undefined : await images.find(reference);
      const facts = imageFacts(image);
      if (facts) known.set(name, facts);
    }),
  );
  return { buildArgs, platform, findImage: name => known.get(name) };
}

/** What a base is called in the store; undefined when it is no image. */
function referenceOf(name: string, { contexts = {} }: CallOptions): string | undefined {
  const value = Object.entries(contexts).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  if (value === undefined) return canonical(name);
  const named = namedContext(value);
  if (named.kind !== 'image' || layoutPlaceOf(named.reference)) return undefined;
  return canonical(named.reference);
}

function platformOf({ platforms = [] }: CallOptions): Platform {
  const host = hostPlatform(process.arch);
  const [first] = platforms;
  return first === undefined ? host : parsePlatform(first, host);
}
