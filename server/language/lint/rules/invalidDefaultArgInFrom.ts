import { readReference } from '../../../common/reference.ts';
import type { FileRule } from '../rule.ts';
import { spanOf, stageNodes } from '../walk.ts';

/** FROM names an image when no build arguments are given. */
export const invalidDefaultArgInFrom: FileRule = {
  name: 'InvalidDefaultArgInFrom',
  scope: 'file',
  severity: 'warning',
  summary: 'Default value for global ARG results in an empty or invalid base image name',
  documentation:
    'Without build arguments the image name is empty or wrong, so that a plain build fails. Give the `ARG` a default.\n\n```dockerfile\nARG TAG=latest\nFROM busybox:$TAG\n```',
  phase: 'stage',
  isSkippedAbove: false,
  *check(context) {
    for (const { facts, node } of stageNodes(context)) {
      if (facts.defaultImage === undefined) return;
      if (readReference(facts.defaultImage).problem === undefined) continue;
      const { image } = facts.stage.from;
      const message = `Default value for ARG ${image.text} results in empty or invalid base image name`;
      yield { ...spanOf(image), node, message };
    }
  },
};
