import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { SampanError } from '../../../common/errors.ts';
import type { MountSpec } from '../../runtime/types.ts';
import type { PlannedMount } from '../planTypes.ts';
import type { SshSource } from '../types.ts';
import { openAgent } from './agent.ts';

export interface SshMount {
  readonly env: readonly string[];
  /** Absent without an agent: then only the variable is set, so that tools fail with their own message. */
  readonly spec?: MountSpec;
  /** Nobody is served any more. */
  close(): Promise<void>;
}

const defaultId = 'default';

/**
 * `RUN --mount=type=ssh`: a socket in the step's folder, bound into its file tree, behind which an agent answers.
 * `index` numbers the path that a mount without a target gets.
 *
 * Throws `build-failed` when the mount is required and nothing was given for it, `invalid-argument`.
 */
export async function openSshMount(
  { mount, target }: PlannedMount,
  {
    sources,
    runDirectory,
    index,
  }: {
    readonly sources: { readonly [id: string]: SshSource };
    readonly runDirectory: string;
    readonly index: number;
  },
): Promise<SshMount> {
  const id = mount.id || defaultId;
  const path = target || `/run/buildkit/ssh_agent.${index}`;
  const env = [`SSH_AUTH_SOCK=${path}`];
  const source = Object.hasOwn(sources, id) ? sources[id] : undefined;
  if (!source) {
    if (mount.required) throw notGiven(id);
    return { env, close: async () => {} };
  }
  const agent = await openAgent(source);
  const clients = new Set<Socket>();
  const server = createServer(client => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    agent(client);
  });
  const socket = join(runDirectory, `ssh${index}`);
  await listen(server, socket);
  // Its owner is whoever builds, which is root inside. Another user of the step gets in by the mode: nobody but
  // the step reaches the socket, which lies in a folder of that one user.
  const isForOther = (mount.uid ?? 0) !== 0 || (mount.gid ?? 0) !== 0;
  await chmod(socket, isForOther ? 0o666 : (mount.mode ?? 0o600));
  return {
    env,
    spec: { kind: 'bind', source: socket, target: path, readOnly: false, options: ['rprivate'] },
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

function notGiven(id: string): SampanError {
  return new SampanError('build-failed', `No SSH agent or key "${id}" was given to the build.`, {
    hint: `Give it with --ssh ${id}${id === defaultId ? '' : '=PATH'}, or remove required=true from the mount.`,
  });
}
