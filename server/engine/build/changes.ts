import { isSampanError, SampanError } from '../../common/errors.ts';
import { hostPlatform } from '../../common/platform.ts';
import { parse } from '../../language/index.ts';
import type { RunConfig } from '../image/types.ts';
import { planBuild } from './plan.ts';
import type { BaseImage, PlanInput } from './planTypes.ts';

/** Instructions that change nothing but the config: docker's list for `--change`, and those of its kind. */
const allowed = [
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
];

/** The stand-in for the image that is changed. */
const base = 'change-base';

/**
 * A config after Dockerfile instructions, as `commit --change` and `import --change` want it.
 *
 * @throws SampanError `invalid-argument` naming the instruction
 */
export function applyChanges(config: RunConfig, changes: readonly string[]): RunConfig {
  if (changes.length === 0) return config;
  const dockerfile = parse([`FROM ${base}`, ...changes].join('\n'));
  const kinds = dockerfile.stages.flatMap(stage => stage.instructions.map(instruction => instruction.kind));
  const refused = dockerfile.stages.length > 1 ? 'FROM' : kinds.find(kind => !allowed.includes(kind));
  if (refused !== undefined) throw invalid(`${refused} is not a valid change command.`);
  try {
    const platform = hostPlatform(process.arch);
    const input: PlanInput = {
      target: undefined,
      buildArgs: new Map(),
      labels: new Map(),
      platform,
      hostPlatform: platform,
      network: 'default',
      bases: new Map(),
      epochSeconds: undefined,
    };
    const image: BaseImage = {
      id: `sha256:${'0'.repeat(64)}`,
      chainId: undefined,
      config: { ...platform, config, rootfs: { type: 'layers', diff_ids: [] } },
    };
    const bases = new Map((planBuild(dockerfile, input).needs ?? []).map(need => [need.key, image]));
    return planBuild(dockerfile, { ...input, bases }).plan?.image.config ?? config;
  } catch (error) {
    if (isSampanError(error, 'dockerfile-invalid')) throw invalid(error.message);
    throw error;
  }
}

function invalid(message: string): SampanError {
  return new SampanError('invalid-argument', `Invalid change: ${message}`, {
    hint: `Allowed are ${allowed.join(', ')}, written as in a Dockerfile.`,
  });
}
