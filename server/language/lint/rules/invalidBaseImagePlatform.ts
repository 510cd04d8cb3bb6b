import { parsePlatform } from '../../../common/platform.ts';
import { platformProblem } from '../../instructions/platform.ts';
import type { FileRule } from '../rule.ts';
import { spanOf, stageNodes } from '../walk.ts';

const host = { os: 'linux', architecture: 'amd64' };

/** The base image is of the platform that is asked for. */
export const invalidBaseImagePlatform: FileRule = {
  name: 'InvalidBaseImagePlatform',
  scope: 'file',
  severity: 'warning',
  summary: 'Base image platform does not match expected target platform',
  documentation:
    'The image that is here is of another platform than the build asks for. Pull it again for that platform, or name the platform with `--platform`.',
  phase: 'build',
  isSkippedAbove: false,
  *check(context) {
    for (const { facts, node } of stageNodes(context)) {
      const actual = facts.baseImage?.platform;
      const expected = facts.platform?.text ?? context.evaluation.globalArgs.get('TARGETPLATFORM');
      if (facts.base || actual === undefined || expected === undefined) continue;
      if (platformProblem(expected) !== undefined || isSame(expected, actual)) continue;
      const image = facts.image?.text ?? facts.stage.from.image.text;
      const message = `Base image ${image} was pulled with platform "${actual}", expected "${expected}" for current build`;
      yield { ...spanOf(facts.stage.from.image), node, message };
    }
  },
};

function isSame(left: string, right: string): boolean {
  const [one, other] = [parsePlatform(left, host), parsePlatform(right, host)];
  return one.os === other.os && one.architecture === other.architecture;
}
