import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { defineCommand, type Interrupt } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { note, printLine } from '../output.ts';

export const login = defineCommand({
  usage: 'login [OPTIONS] [SERVER]',
  summary: 'Authenticate to a registry',
  flags: {
    password: { kind: 'string', short: 'p', help: 'Password or Personal Access Token (PAT)' },
    'password-stdin': {
      kind: 'boolean',
      help: 'Take the Password or Personal Access Token (PAT) from stdin',
    },
    username: { kind: 'string', short: 'u', help: 'Username' },
  },
  args: [0, 1],
  async run({ flags, args: [registry], client, interrupt }) {
    const given = await readCredentials(
      { username: flags.username, password: flags.password, fromStdin: flags['password-stdin'] },
      interrupt,
    );
    const { plainFile, shadowedBy } = await (await client()).request(
      'sampan/registry/login',
      { ...given, ...(registry === undefined ? {} : { registry }) },
      interrupt.signal,
    );
    if (plainFile !== undefined) {
      note(`WARNING! Your credentials are stored unencrypted in '${plainFile}'.`);
      note('Name a credential helper as "credsStore" in that file to have them encrypted.');
    }
    if (shadowedBy !== undefined) note(`WARNING! Others are in ${shadowedBy}, which is asked first.`);
    await printLine('Login Succeeded');
    return 0;
  },
});

export const logout = defineCommand({
  usage: 'logout [SERVER]',
  summary: 'Log out from a registry',
  flags: {},
  args: [0, 1],
  async run({ args: [given], client }) {
    const { registry, wasLoggedIn } = await (await client()).request(
      'sampan/registry/logout',
      given === undefined ? {} : { registry: given },
    );
    await printLine(
      wasLoggedIn ? `Removing login credentials for ${registry}` : `Not logged in to ${registry}`,
    );
    return 0;
  },
});

/** From flags, from stdin, or asked for on a terminal; the checks and words are docker's. */
async function readCredentials(
  given: {
    readonly username: string | undefined;
    readonly password: string | undefined;
    readonly fromStdin: boolean;
  },
  interrupt: Interrupt,
): Promise<{ readonly username: string; readonly password: string }> {
  if (given.fromStdin) {
    if (given.password !== undefined)
      throw new CliFailure('--password and --password-stdin are mutually exclusive');
    if (given.username === undefined) throw new CliFailure('Must provide --username with --password-stdin');
    return { username: given.username, password: await readStdin() };
  }
  if (given.password !== undefined)
    note('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
  if (given.username !== undefined && given.password !== undefined) {
    return { username: given.username, password: given.password };
  }
  if (!process.stdin.isTTY) {
    throw new CliFailure('Cannot perform an interactive login from a non TTY device', {
      hint: 'Give --username and --password-stdin.',
    });
  }
  const username = given.username ?? (await ask('Username: ', { isSecret: false, interrupt })).trim();
  const password = given.password ?? (await ask('Password: ', { isSecret: true, interrupt }));
  if (username === '' || password === '') throw new CliFailure('username and password are required');
  return { username, password };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** A secret is not shown while it is typed. */
async function ask(
  question: string,
  { isSecret, interrupt }: { readonly isSecret: boolean; readonly interrupt: Interrupt },
): Promise<string> {
  process.stderr.write(question);
  const output = isSecret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await lines.question('', { signal: interrupt.signal });
  } finally {
    lines.close();
    if (isSecret) process.stderr.write('\n');
  }
}
