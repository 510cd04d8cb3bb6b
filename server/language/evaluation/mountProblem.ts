import type { Mount } from '../instructions/types.ts';

/** What makes a build refuse a mount that reads well; `workdir` is the stage's working directory. */
export function mountProblem(mount: Mount, workdir: string): string | undefined {
  if (mount.type === 'ssh') {
    return mount.source === undefined ? undefined : 'ssh does not support source';
  }
  if (mount.type === 'secret') return undefined;
  const target = mount.target ?? '';
  const path = target.startsWith('/') ? target : `${workdir}/${target}`;
  return isRoot(path) ? 'invalid mount target "/"' : undefined;
}

function isRoot(path: string): boolean {
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '..') depth = Math.max(0, depth - 1);
    else if (part !== '' && part !== '.') depth++;
  }
  return depth === 0;
}
