import { formatPlatform } from '../../common/platform.ts';
import { canonicalReference, readReference, withDefaultTag } from '../../common/reference.ts';
import type { Dockerfile, IgnoreMatcher, ImageFacts } from '../../language/index.ts';
import { checkFile, warningsBeforeError } from '../../language/index.ts';
import { toFinding } from './findings.ts';
import { dockerfileError } from './planError.ts';
import type { BaseImage, PlanInput } from './planTypes.ts';
import { splitVariable } from './stageState.ts';
import type { CallFinding } from './types.ts';

/**
 * BuildKit's build checks on a Dockerfile whose base images are known.
 *
 * @throws SampanError `dockerfile-invalid` when the file asks for failure (`# check=error=true`), or its check directive is wrong
 */
export function checkBuild(
  dockerfile: Dockerfile,
  { input, ignore }: { readonly input: PlanInput; readonly ignore: IgnoreMatcher | undefined },
): readonly CallFinding[] {
  const platform = formatPlatform(input.platform);
  const result = checkFile(dockerfile, {
    buildArgs: input.buildArgs,
    platform,
    findImage: name => imageFacts(input.bases.get(`${canonical(name)} ${platform}`)),
    ...(ignore ? { ignore } : {}),
  });
  const { error } = result;
  if (error?.code === 'lint-violation' || error?.code === 'invalid-check-options') {
    const line = dockerfile.tree.lineStarts.findLastIndex(start => start <= error.start) + 1;
    throw dockerfileError(error.message, { line, endLine: line });
  }
  return warningsBeforeError(result).map(toFinding);
}

/** A base image's name as the store has it. */
export function canonical(name: string): string {
  const { reference } = readReference(name);
  return reference ? canonicalReference(withDefaultTag(reference)) : name;
}

/** What the checks look at in a base image. */
export function imageFacts(image: Pick<BaseImage, 'config'> | undefined): ImageFacts | undefined {
  if (!image) return undefined;
  const { os, architecture, variant, config } = image.config;
  return {
    env: new Map((config?.Env ?? []).map(splitVariable)),
    hasShell: (config?.Shell?.length ?? 0) > 0,
    platform: formatPlatform({ os, architecture, ...(variant ? { variant } : {}) }),
    onbuild: config?.OnBuild ?? [],
  };
}
