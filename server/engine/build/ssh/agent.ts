import { readFile, stat } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { SampanError } from '../../../common/errors.ts';
import type { SshSource } from '../types.ts';
import { readPrivateKey, type SshKey } from './keys.ts';
import { WireReader, wireNumber, wireString } from './wire.ts';

/** What a RUN may ask an agent: draft-ietf-sshm-ssh-agent section 5.1. */
const failure = 5;
const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;
/** OpenSSH's AGENT_MAX_LEN. */
const messageMax = 256 * 1024;

/** Serves the connections of one RUN. */
export type Agent = (client: Socket) => void;

/**
 * An agent for steps: it lists keys and signs with them, and refuses to add, remove or lock any, as BuildKit's does
 * (session/sshforward/sshprovider). It stands before a user's agent, or holds the keys of files itself. With `raw` a
 * socket is passed on as it is, whatever it speaks.
 *
 * Throws `invalid-argument` for a file that is neither a socket nor a usable key.
 */
export async function openAgent({ paths, raw = false }: SshSource): Promise<Agent> {
  const kinds = await Promise.all(paths.map(isSocket));
  const [path = ''] = paths;
  if (kinds.length === 1 && kinds[0]) return raw ? passOn(path) : readOnly(path);
  if (raw) throw invalid(`raw=true needs the path of one socket, not ${paths.join(', ')}`);
  if (kinds.includes(true)) throw invalid('an agent and key files cannot be combined');
  const keys = await Promise.all(paths.map(async one => readPrivateKey(await readKeyFile(one), one)));
  return client => void serve(client, async message => answerWith(keys, message));
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch (cause) {
    throw invalid(`${path} cannot be read (${reason(cause)})`, cause);
  }
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid(`${path} cannot be read (${reason(cause)})`, cause);
  }
}

function passOn(path: string): Agent {
  return client => {
    const agent = createConnection(path);
    client.pipe(agent).pipe(client);
    client.on('error', () => agent.destroy()).on('close', () => agent.destroy());
    agent.on('error', () => client.destroy()).on('close', () => client.destroy());
  };
}

function readOnly(path: string): Agent {
  return client => {
    const agent = createConnection(path);
    const answers = messages(agent);
    client.on('close', () => agent.destroy());
    agent.on('error', () => client.destroy());
    serve(client, async message => {
      if (message[0] !== requestIdentities && message[0] !== signRequest) return Buffer.of(failure);
      agent.write(wireString(message));
      const { value } = await answers.next();
      return value ?? Buffer.of(failure);
    }).finally(() => agent.destroy());
  };
}

/** Answers the requests of a connection one after the other, until it ends. */
async function serve(client: Socket, answer: (message: Buffer) => Promise<Buffer>): Promise<void> {
  client.on('error', () => client.destroy());
  try {
    for await (const message of messages(client)) client.write(wireString(await answer(message)));
    client.end();
  } catch {
    // It spoke something else, or left: nobody waits for an answer.
    client.destroy();
  }
}

/** The messages of a connection without their lengths. Throws for one that is too long. */
async function* messages(socket: Socket): AsyncGenerator<Buffer, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length === 0 || length > messageMax) throw new RangeError('not a message of an agent');
      if (rest.length < 4 + length) break;
      yield rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
    }
  }
  return undefined;
}

function answerWith(keys: readonly SshKey[], message: Buffer): Buffer {
  const reader = new WireReader(message);
  const type = reader.byte();
  if (type === requestIdentities) {
    const list = keys.flatMap(({ publicBlob, comment }) => [wireString(publicBlob), wireString(comment)]);
    return Buffer.concat([Buffer.of(identitiesAnswer), wireNumber(keys.length), ...list]);
  }
  if (type !== signRequest) return Buffer.of(failure);
  const [blob, data, flags] = [reader.string(), reader.string(), reader.number()];
  const key = keys.find(({ publicBlob }) => publicBlob.equals(blob));
  return key
    ? Buffer.concat([Buffer.of(signResponse), wireString(key.sign(data, flags))])
    : Buffer.of(failure);
}

function invalid(why: string, cause?: unknown): SampanError {
  return new SampanError('invalid-argument', `The SSH agent for the build cannot be used: ${why}.`, {
    hint: 'Give --ssh default with SSH_AUTH_SOCK set, or --ssh ID=PATH of a socket or a private key.',
    cause,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
