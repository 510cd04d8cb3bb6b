import type { InstructionRule } from '../../lint/editorRule.ts';

/** The platform is chosen by who builds. */
export const dl3029: InstructionRule = {
  id: 'DL3029',
  source: 'hadolint',
  scope: 'instruction',
  on: ['FROM'],
  severity: 'warning',
  sameAs: ['FromPlatformFlagConstDisallowed'],
  summary: 'FROM fixes no platform',
  documentation:
    'With a fixed platform the image is for that alone, whatever the build is asked for. `$BUILDPLATFORM` is right for a stage that compiles for other platforms.\n\n```dockerfile\nFROM --platform=$BUILDPLATFORM golang:1.23 AS build\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'FROM' || !instruction.platform) return;
    const { start, end, text } = instruction.platform;
    if (/BUILDPLATFORM|TARGETPLATFORM/.test(text)) return;
    yield { start, end, message: 'Leave the platform to the build' };
  },
};
