import type { PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

/** The first WORKDIR is absolute. */
export const workdirRelativePath: PageRule = {
  name: 'WorkdirRelativePath',
  scope: 'page',
  severity: 'warning',
  summary:
    'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes',
  documentation:
    'A relative `WORKDIR` starts from the working directory of the base image, which may change with the image. Begin with an absolute path.\n\n```dockerfile\nWORKDIR /app\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    const isWindows = context.platform?.startsWith('windows') ?? false;
    for (const facts of context.walk.firstWorkdirs) {
      const { expanded, node } = facts;
      if (expanded.kind !== 'WORKDIR' || facts.unset.some(({ isCertain }) => !isCertain)) continue;
      const path = expanded.path.text;
      if (path.startsWith('/') || (isWindows && /^(?:[a-z]:)?[\\/]/i.test(path))) continue;
      const message = `Relative workdir ${JSON.stringify(path)} can have unexpected results if the base image changes`;
      yield { ...spanIn(facts, expanded.path), node, message };
    }
  },
};
