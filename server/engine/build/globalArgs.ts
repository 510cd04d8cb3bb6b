import { formatPlatform, type Platform } from '../../common/platform.ts';
import type { Dockerfile } from '../../language/index.ts';
import { processWord } from '../../language/index.ts';
import { linesOf, locate } from './planError.ts';
import type { PlanInput } from './planTypes.ts';

/**
 * Variables that FROM sees, and that `ARG name` in a stage takes as its default: BuildKit's predefined ones
 * (dockerfile2llb defaultArgs) and the ARGs before the first FROM.
 */
export function globalArguments(
  { globalArgs, tree }: Dockerfile,
  input: PlanInput,
): ReadonlyMap<string, string> {
  const globals = new Map<string, string>();
  for (const [name, value] of predefined(input)) globals.set(name, input.buildArgs.get(name) ?? value);
  for (const instruction of globalArgs) {
    for (const { key, value } of instruction.declarations) {
      const name = key.text;
      const given = input.buildArgs.get(name);
      const options = { env: globals, escapeToken: tree.escapeToken };
      const text =
        given ?? (value && locate(linesOf(instruction.node), () => processWord(value.text, options).text));
      if (text !== undefined) globals.set(name, text);
    }
  }
  return globals;
}

function predefined({ hostPlatform, platform, target }: PlanInput): readonly (readonly [string, string])[] {
  return [
    ...platformArgs('BUILD', hostPlatform),
    ...platformArgs('TARGET', platform),
    ['TARGETSTAGE', target || 'default'],
  ];
}

function platformArgs(prefix: string, platform: Platform): readonly (readonly [string, string])[] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, ''],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ];
}
