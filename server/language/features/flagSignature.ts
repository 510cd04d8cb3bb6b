import {
  directiveDocumentation,
  instructionDocumentation,
  mountKeyDocumentation,
} from '../instructions/documentation.ts';
import { mountKeys } from '../instructions/mount.ts';
import type { CommentElement, DirectiveElement, Flag, InstructionNode, Tree } from '../syntax/tree.ts';
import { mountAt } from './cursor.ts';
import { findFlagDocumentation, markdown } from './describe.ts';
import type { SignatureInformation } from './types.ts';

/** What goes behind a flag's `=`. */
const flagValues: { readonly [flag: string]: string } = {
  platform: 'os/arch[/variant]',
  network: 'default|none|host',
  security: 'sandbox|insecure',
  device: 'name[,required]',
  from: 'stage|image|context',
  chown: 'user[:group]',
  chmod: 'mode',
  exclude: 'pattern',
  checksum: 'sha256:digest',
  interval: 'duration',
  timeout: 'duration',
  'start-period': 'duration',
  'start-interval': 'duration',
  retries: 'number',
};

/** The flag whose value is being written; of a mount all keys of its type, the current one active. */
export function flagSignature(
  tree: Tree,
  at: { readonly node: InstructionNode; readonly flag: Flag; readonly offset: number },
): SignatureInformation | undefined {
  const { node, flag, offset } = at;
  const name = flag.name.text;
  const documentation = findFlagDocumentation(node.name, name);
  if (!documentation || !node.name) return undefined;
  const mount = mountAt(tree, flag, offset);
  if (mount) return mountSignature(mount.type, mount.key.text);
  const start = `${node.name} --${name}=`;
  const value = flagValues[name] ?? 'true|false';
  return {
    label: start + value,
    documentation: markdown(documentation.summary),
    parameters: [{ label: [start.length, start.length + value.length] }],
    activeParameter: 0,
  };
}

function mountSignature(type: string, current: string): SignatureInformation {
  const keys = Object.entries(mountKeyDocumentation).filter(([, { types }]) => types.includes(type));
  const active = mountKeys.get(current.toLowerCase());
  let label = 'RUN --mount=';
  const parameters = keys.map(([key, { summary }], index) => {
    if (index > 0) label += ',';
    const start = label.length;
    label += key === 'type' ? `type=${type}` : `${key}=…`;
    return { label: [start, label.length] as const, documentation: markdown(summary) };
  });
  const index = keys.findIndex(([key]) => key === active);
  return {
    label,
    documentation: markdown(instructionDocumentation.RUN.flags.mount?.summary ?? ''),
    parameters,
    // Beyond the last none is active.
    activeParameter: index < 0 ? keys.length : index,
  };
}

const directiveValues: { readonly [name: string]: string } = {
  syntax: 'image',
  escape: '\\|`',
  check: 'skip=Rule,…|all;error=true|false',
};

/** The parser directive whose value is being written, also while it is none yet. */
export function directiveSignature(
  { text }: Tree,
  element: DirectiveElement | CommentElement,
  offset: number,
): SignatureInformation | undefined {
  const written = /^#\s*(\w+)\s*=/.exec(text.slice(element.start, offset));
  const name = written?.[1]?.toLowerCase() ?? '';
  const value = Object.hasOwn(directiveValues, name) ? directiveValues[name] : undefined;
  if (value === undefined) return undefined;
  const start = `# ${name}=`;
  return {
    label: start + value,
    documentation: markdown(directiveDocumentation[name] ?? ''),
    parameters: [{ label: [start.length, start.length + value.length] }],
    activeParameter: 0,
  };
}
