import type { FileRule } from '../rule.ts';
import { spanOf, stageNodes } from '../walk.ts';

/** `--platform=$TARGETPLATFORM` says what holds anyway. */
export const redundantTargetPlatform: FileRule = {
  name: 'RedundantTargetPlatform',
  scope: 'file',
  severity: 'warning',
  summary:
    'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
  documentation:
    'A stage is built for the target platform unless `--platform` says otherwise. Remove the flag.',
  phase: 'from',
  isSkippedAbove: true,
  *check(context) {
    const target = context.evaluation.globalArgs.get('TARGETPLATFORM');
    for (const { facts, node } of stageNodes(context)) {
      const { platform } = facts;
      const flag = node.flags.find(({ name }) => name.text === 'platform');
      if (!platform || !flag?.value || platform.unmatched.size > 0) continue;
      if (platform.matched.size !== 1 || !platform.matched.has('TARGETPLATFORM')) continue;
      if (platform.text !== target) continue;
      const message = `Setting platform to predefined ${flag.value.text} in FROM is redundant as this is the default behavior`;
      const changes = [{ start: flag.start, end: facts.stage.from.image.start, text: '' }];
      const fix = node.flags.length === 1 && { title: 'Remove --platform', changes };
      yield { ...spanOf(flag), node, message, ...(fix && { fix }) };
    }
  },
};
