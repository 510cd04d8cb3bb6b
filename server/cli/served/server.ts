import { closeSync, readlinkSync, statSync, unlinkSync, watch, writeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { openSharedSessions, type SharedSessions } from '../../handlers/local.ts';
import type { CommandHost } from '../main.ts';
import { version } from '../version.ts';
import { CallerProcess } from './caller.ts';
import {
  type CommandRequest,
  decodeCommand,
  encodeMessage,
  FrontMessage,
  messageReader,
} from './messages.ts';

export interface ServerOptions {
  /** A fresh copy of the command's code, whose global `process` is this one. */
  readonly instantiate: (process: CallerProcess) => {
    readonly runCommand: (host: CommandHost) => Promise<void>;
  };
  /** As a front tells it: inode and modification time of the launcher. */
  readonly build: string;
}

/** A descriptor on which the front that started this server waits. */
const readyFd = 3;
/** Seconds without a command after which the server leaves. */
const idleSeconds = Number(process.env.SAMPAN_FRONT_IDLE || 60);
/** Variables that the engine and what it runs read. A command that has others cannot share it. */
const shared = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_.*|XDG_.*|SAMPAN_.*|NODE_.*|SSL_CERT_.*|DOCKER_.*|.*_proxy)$/i;

/**
 * The command server: runs what fronts send, each command by a copy of the code of its own, all on one engine that is
 * open and warm. It goes when nobody needs it, and so may be killed at any moment; nothing but an attached command is
 * lost with it.
 */
export async function serve(options: ServerOptions): Promise<void> {
  process.title = 'sampan-commands';
  const callers = new Set<CallerProcess>();
  const sessions = await openSharedSessions({
    version,
    environment: process.env,
    say: line => {
      for (const caller of callers) caller.stderr.write(`${line}\n`);
    },
  });
  // Another is there, or about to be.
  if (!(await sessions.tryLock(join(sessions.run, 'commands.lock')))) return;
  const server = new CommandServer(sessions, { ...options, callers });
  await server.listen();
  writeSync(readyFd, '1');
  closeSync(readyFd);
}

class CommandServer {
  readonly #sessions: SharedSessions;
  readonly #options: ServerOptions;
  readonly #callers: Set<CallerProcess>;
  readonly #path: string;
  readonly #store: string | undefined;
  readonly #server: Server;
  readonly #place = placeOf(process.env, {
    mountNamespace: mountNamespace(),
    umask: process.umask().toString(8),
  });
  #socket: string | undefined;
  #leaving = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(sessions: SharedSessions, options: ServerOptions & { readonly callers: Set<CallerProcess> }) {
    this.#sessions = sessions;
    this.#options = options;
    this.#callers = options.callers;
    this.#path = join(sessions.run, 'commands.sock');
    this.#store = identityOf(sessions.root);
    this.#server = createServer(socket => this.#accept(socket));
  }

  async listen(): Promise<void> {
    removeIfThere(this.#path);
    const mask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject).listen(this.#path, resolve);
      });
    } finally {
      process.umask(mask);
    }
    this.#socket = identityOf(this.#path);
    // Whoever removes the runtime folder has no more use for us.
    watch(this.#sessions.run, () => {
      if (identityOf(this.#path) !== this.#socket) this.#leave();
    }).on('error', () => this.#leave());
    this.#rest();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined); // 'close' follows
    if (!this.#isOwner(socket)) {
      socket.destroy();
      return;
    }
    let caller: CallerProcess | undefined;
    const read = messageReader((type, payload) => {
      if (caller) caller.receive(type, payload);
      else if (type === FrontMessage.command) caller = this.#begin(decodeCommand(payload), socket);
    });
    socket.on('data', chunk => {
      try {
        read(chunk as Buffer);
      } catch {
        socket.destroy(); // no front speaks like that
      }
    });
    socket.on('close', () => {
      if (!caller) return;
      caller.kill();
      this.#callers.delete(caller);
      this.#rest();
    });
  }

  /** The folder lets nobody else in; this is for one that was opened to others later. */
  #isOwner(socket: Socket): boolean {
    const { fd = -1 } = (socket as unknown as { readonly _handle: { readonly fd?: number } })._handle;
    return this.#sessions.peerUser(fd) === process.geteuid?.();
  }

  #begin(request: CommandRequest, socket: Socket): CallerProcess | undefined {
    // The engine knows a store that was made anew as little as code that was.
    const isStale = request.build !== this.#options.build || identityOf(this.#sessions.root) !== this.#store;
    if (isStale || this.#leaving || placeOf(request.environment, request) !== this.#place) {
      socket.end(encodeMessage(FrontMessage.decline));
      if (isStale) this.#leave();
      return undefined;
    }
    clearTimeout(this.#idle);
    const caller = new CallerProcess(request, socket);
    this.#callers.add(caller);
    socket.write(encodeMessage(FrontMessage.accept));
    const { runCommand } = this.#options.instantiate(caller);
    runCommand({ openSession: this.#sessions.open }).catch(error => {
      if (error instanceof Error && error.name === 'Declined')
        socket.end(encodeMessage(FrontMessage.decline));
      else throw error;
    });
    return caller;
  }

  #rest(): void {
    if (this.#callers.size > 0) return;
    if (this.#leaving) {
      void this.#end();
      return;
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#leave(), idleSeconds * 1000);
  }

  /** Take nobody new, serve those who are here to their end. */
  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#server.close();
    if (identityOf(this.#path) === this.#socket) removeIfThere(this.#path);
    this.#rest();
  }

  async #end(): Promise<void> {
    await this.#sessions.close();
    process.exit(0);
  }
}

/** All that must be the same for a command to be run here. */
function placeOf(
  environment: { readonly [name: string]: string | undefined },
  { mountNamespace, umask }: { readonly mountNamespace: string; readonly umask: string },
): string {
  const variables = Object.entries(environment).filter(([name]) => shared.test(name));
  return JSON.stringify([mountNamespace, umask, variables.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function mountNamespace(): string {
  return readlinkSync('/proc/self/ns/mnt');
}

/** What a file is made of cannot be again; its inode alone may be another's soon. Undefined when there is none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found && `${found.ino} ${found.birthtimeNs}`;
}

function removeIfThere(path: string): void {
  if (identityOf(path) !== undefined) unlinkSync(path);
}
