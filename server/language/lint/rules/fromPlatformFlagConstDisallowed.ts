import { parsePlatform } from '../../../common/platform.ts';
import { platformProblem } from '../../instructions/platform.ts';
import type { FileRule } from '../rule.ts';
import { spanOf, stageNodes } from '../walk.ts';

const host = { os: 'linux', architecture: 'amd64' };

/** `--platform` of FROM is no constant. */
export const fromPlatformFlagConstDisallowed: FileRule = {
  name: 'FromPlatformFlagConstDisallowed',
  scope: 'file',
  severity: 'warning',
  summary: 'FROM --platform flag should not use a constant value',
  documentation:
    'A constant platform makes the image the same for every platform it is built for. Use `$BUILDPLATFORM` for stages that run tools, or choose the platform when building. A stage whose name holds the platform is meant so.\n\n```dockerfile\nFROM --platform=$BUILDPLATFORM golang AS build\n```',
  phase: 'from',
  isSkippedAbove: true,
  *check(context) {
    for (const { facts, node } of stageNodes(context)) {
      const { platform, stage } = facts;
      const flag = node.flags.find(({ name }) => name.text === 'platform');
      if (!platform || !flag || platform.matched.size + platform.unmatched.size > 0) continue;
      if (platform.text === '' || platformProblem(platform.text) !== undefined) continue;
      const { os, architecture } = parsePlatform(platform.text, host);
      const name = stage.name ?? '';
      if (name.includes(os) || name.includes(architecture)) continue;
      const message = `FROM --platform flag should not use constant value ${JSON.stringify(platform.text)}`;
      yield { ...spanOf(flag.value ?? flag), node, message };
    }
  },
};
