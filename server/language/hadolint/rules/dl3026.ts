import type { FromInstruction, Instruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import type { Word } from '../../syntax/tree.ts';
import { splitImageName } from '../imageName.ts';
import { outlineOf } from '../outline.ts';

/** Images come from where the team wants them from. */
export const dl3026: FileRule = {
  id: 'DL3026',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'An image comes from a trusted registry',
  documentation:
    'Where `trustedRegistries` of `.hadolint.yaml` names registries, images come from no others: those of `FROM`, of `COPY --from` and of bind and cache mounts. `*` at the beginning or the end of a name stands for anything; images without a registry are those of `docker.io`.\n\n```yaml\ntrustedRegistries:\n  - docker.io\n  - "*.example.com"\n```',
  *check({ file, configuration: { trustedRegistries } }) {
    if (trustedRegistries.length === 0) return;
    const stages = new Set<string>();
    for (const [count, { from, alias, steps }] of outlineOf(file).stages.entries()) {
      const instructions = [...(from ? [{ node: from.node, instruction: from }] : []), ...steps];
      for (const { node, instruction } of instructions) {
        const wrong = imagesOf(instruction).find(({ text }) => {
          const isStage = stages.has(text.toLowerCase()) || (/^\d+$/.test(text) && Number(text) < count);
          return !isStage && !isTrusted(text, trustedRegistries);
        });
        if (!wrong) continue;
        const { start, end, text } = wrong;
        yield { start, end, node, message: `${text} comes from none of the trusted registries` };
      }
      if (alias !== undefined) stages.add(alias);
    }
  },
};

/** Words that name an image or a stage. */
function imagesOf(instruction: FromInstruction | Instruction): Word[] {
  switch (instruction.kind) {
    case 'FROM':
      return [instruction.image];
    case 'COPY':
      return instruction.from ? [instruction.from] : [];
    case 'RUN':
      return instruction.mounts.flatMap(({ fields }) => {
        const type = fields.find(({ key }) => key.text === 'type')?.value?.text ?? 'bind';
        const from = fields.find(({ key }) => key.text === 'from')?.value;
        return from && (type === 'bind' || type === 'cache') ? [from] : [];
      });
    default:
      return [];
  }
}

function isTrusted(image: string, patterns: readonly string[]): boolean {
  const { registry, name } = splitImageName(image);
  if (registry !== undefined) return patterns.some(pattern => matches(pattern, registry));
  const hub = ['docker.io', 'hub.docker.com'];
  return name === 'scratch' || patterns.some(pattern => hub.some(one => matches(pattern, one)));
}

function matches(pattern: string, registry: string): boolean {
  if (pattern.startsWith('*')) return registry.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return registry.startsWith(pattern.slice(0, -1));
  return registry === pattern;
}
