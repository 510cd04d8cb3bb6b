import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { makeFolder } from '../store/folder.ts';
import { namespaceSysctl } from './namespaceSysctl.ts';
import {
  encodeFields,
  type FieldList,
  type Fields,
  HelperConnection,
  HelperError,
  MessageType,
  ReceivedFields,
} from './wire.ts';

export interface HolderOptions {
  /** SAMPAN_RUN: created 0700 when missing. */
  readonly run: string;
  /** SAMPAN_ROOT: created 0700 when missing. */
  readonly root: string;
  /** Path of `sampan-init`. */
  readonly helper: string;
  /** Seconds after which a holder that nobody uses leaves; the helper's default when absent. */
  readonly idleSeconds?: number;
}

/** What a session's process does; the first request names it (native/WIRE.md). */
export type Role = 'fs' | 'monitor' | 'exec' | 'net' | 'info' | 'seccomp' | 'signal';

/** Roles whose request does the same when it is made again. */
const repeatable: ReadonlySet<Role> = new Set(['info', 'net', 'seccomp']);

/** Longest path that fits into `sockaddr_un` (unix(7)). */
const socketPathMax = 107;
/** What a container's socket adds to the path of the runtime folder. */
const containerSocket = '/c/0123456789ab/attach.sock';

/** @throws SampanError `invalid-argument` when the sockets of containers would not fit below it */
export function checkRunFolder(run: string): void {
  if (Buffer.byteLength(run + containerSocket) > socketPathMax) throw pathTooLong(run);
}

/** Finds the holder of a runtime folder, or starts it. Any number of processes may do so at once. */
export class Holder {
  readonly #options: HolderOptions;
  #starting: Promise<void> | undefined;

  constructor(options: HolderOptions) {
    this.#options = options;
  }

  /** A new session, its first request not yet sent. Throws `isolation-unavailable` when no holder can live here. */
  async connect(): Promise<HelperConnection> {
    const path = join(this.#options.run, 'holder.sock');
    checkRunFolder(this.#options.run);
    for (let tries = 0; ; tries++) {
      try {
        return await HelperConnection.open(path);
      } catch (error) {
        if (tries === 3 || !isAbsent(error)) throw unreachable(path, error);
      }
      await this.#start();
    }
  }

  /**
   * One request in a session of its own. Throws {@link HelperError} when the helper reports a failure. A holder that
   * is being killed may still accept: what can be asked twice is, of its successor.
   */
  async ask(role: Role, fields: Fields | FieldList = {}): Promise<ReceivedFields> {
    try {
      return await this.#askOnce(role, fields);
    } catch (error) {
      if (!repeatable.has(role) || !isSampanError(error, 'helper-lost')) throw error;
      return this.#askOnce(role, fields);
    }
  }

  /**
   * As {@link ask}, never repeated: the session is there when `fields` are, and `data` follows the request, a message
   * for each that it yields. Rejects with their reason when `fields` do; `data` must not throw.
   */
  async askWithData(
    role: Role,
    fields: FieldList | Promise<FieldList>,
    data: AsyncIterable<FieldList>,
  ): Promise<ReceivedFields> {
    const opening = this.connect();
    opening.catch(() => undefined); // told after `fields`
    try {
      const known = await fields;
      return await (await opening).request('open', [['role', role], ...known], { input: encoded(data) });
    } finally {
      opening.then(
        connection => connection.close(),
        () => undefined,
      );
    }
  }

  async #askOnce(role: Role, fields: Fields | FieldList): Promise<ReceivedFields> {
    const connection = await this.connect();
    try {
      return await connection.request('open', [['role', role], ...entries(fields)]);
    } finally {
      connection.close();
    }
  }

  #start(): Promise<void> {
    this.#starting ??= startHolder(this.#options).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }
}

async function* encoded(data: AsyncIterable<FieldList>): AsyncGenerator<Uint8Array> {
  for await (const fields of data) yield encodeFields(fields);
}

function entries(fields: Fields | FieldList): FieldList {
  return Array.isArray(fields) ? (fields as FieldList) : Object.entries(fields as Fields);
}

async function startHolder(options: HolderOptions): Promise<void> {
  await makeFolder(options.root);
  await makeFolder(options.run);
  const args = ['holder', '--run', options.run, '--root', options.root, '--ready-fd', '3'];
  if (options.idleSeconds !== undefined) args.push('--idle', String(options.idleSeconds));
  const child = spawn(options.helper, args, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
  child.unref();
  const failed = new Promise<never>((_, reject) => {
    child.once('error', error => reject(helperMissing(options.helper, error)));
  });
  await Promise.race([readReadiness(child.stdio[3]), failed]);
}

/** The helper answers with one message on descriptor 3 once it listens, or says why it cannot. */
async function readReadiness(stream: unknown): Promise<void> {
  if (!(stream instanceof Duplex)) return;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const message = Buffer.concat(chunks);
  if (message[4] === MessageType.result) return;
  if (message[4] === MessageType.error)
    throw await cannotIsolate(new HelperError(new ReceivedFields(message.subarray(5))));
  throw new SampanError('helper-lost', 'The native helper ended while it was starting.', {
    hint: 'Run the `sampan-init` beside the server by hand: it prints its usage when it works on this machine.',
  });
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

function helperMissing(path: string, cause: Error): SampanError {
  return new SampanError(
    'isolation-unavailable',
    `The native helper ${path} cannot be run: ${cause.message}.`,
    {
      hint: 'Install Sampan again, or run `npm run build` in a source tree.',
      cause,
    },
  );
}

function pathTooLong(run: string): SampanError {
  return new SampanError(
    'invalid-argument',
    `The runtime folder ${run} has a path too long for Unix sockets (at most ${socketPathMax - containerSocket.length} bytes).`,
    { hint: 'Set SAMPAN_RUN to a shorter path.' },
  );
}

function unreachable(path: string, cause: unknown): SampanError {
  return new SampanError('helper-lost', `The native helper does not answer on ${path}: ${String(cause)}.`, {
    hint: 'Check that the runtime folder (SAMPAN_RUN) belongs to you and is on a local file system.',
    cause,
  });
}

/** Why namespaces cannot be made here, and what the administrator or user can do about it. */
async function cannotIsolate(error: HelperError): Promise<SampanError> {
  const sysctl = await namespaceSysctl();
  const detail = {
    step: error.step,
    path: error.path,
    errno: error.errno,
    ...(sysctl === undefined ? {} : { sysctl }),
  };
  return new SampanError(
    'isolation-unavailable',
    `This host does not let Sampan isolate containers: ${error.message}.`,
    {
      hint: isolationHint(error, sysctl),
      detail,
      cause: error,
    },
  );
}

function isolationHint(error: HelperError, sysctl: string | undefined): string {
  if (error.step === 'run-directory')
    return 'The runtime folder must belong to you and not be writable by others (chmod 700), or set SAMPAN_RUN to another.';
  if (error.step === 'lock')
    return 'Another holder of this runtime folder does not answer; end the process `sampan-holder` of your user.';
  if (sysctl !== undefined)
    return `As root, run \`sysctl -w ${sysctl}\`; in a file below /etc/sysctl.d it stays so. Or run Sampan as root.`;
  if (error.errno === 'ENOSPC')
    return 'The limit of namespaces is used up or zero: raise user.max_user_namespaces (sysctl).';
  return (
    'Unprivileged user namespaces are needed, which something here refuses: do not run inside a chroot or another ' +
    "container engine's sandbox; or run Sampan as root."
  );
}
