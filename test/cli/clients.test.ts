import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type * as containerClient from '@microsoft/vscode-container-client';
import { type CommandSandbox, cannotRun, dist, openSandbox } from './sandbox.ts';

/** Programs made for docker drive the command by name, unchanged. */

const require = createRequire(import.meta.url);

/** Container Tools' client takes a few names from the editor; none of them does anything for a command line. */
function loadContainerClient(): typeof containerClient {
  const editor = {
    FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 },
    ShellQuoting: { Escape: 1, Strong: 2, Weak: 3 },
    CancellationError: Error,
  };
  const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => (name === 'vscode' ? editor : load(name, ...rest));
  try {
    return require('@microsoft/vscode-container-client');
  } finally {
    loader._load = load;
  }
}

describe('clients of docker', { skip: cannotRun }, () => {
  let sandbox: CommandSandbox;
  before(async () => {
    sandbox = await openSandbox();
  });
  after(() => sandbox?.remove());

  test('Container Tools reads every answer that it asks for', async () => {
    const { DockerClient, ShellStreamCommandRunnerFactory } = loadContainerClient();
    const { NoShell } = require('@microsoft/vscode-processutils');
    const client = new DockerClient(join(dist, 'sampan'), 'Sampan', 'containers without a daemon');
    const options = { strict: true, shellProvider: new NoShell(), env: sandbox.environment };
    const run = new ShellStreamCommandRunnerFactory(options).getCommandRunner();
    const stream = new ShellStreamCommandRunnerFactory(options).getStreamingCommandRunner();
    async function textOf(command: Parameters<typeof stream>[0]): Promise<string> {
      const chunks: Buffer[] = [];
      for await (const chunk of stream(command)) chunks.push(Buffer.from(chunk as string));
      return Buffer.concat(chunks).toString('utf8');
    }

    assert.match((await run(client.version({}))).client, /^\d+\.\d+/);
    assert.match(await run(client.checkInstall({})), /Sampan/i);
    assert.equal((await run(client.info({}))).osType, 'linux');
    assert.deepEqual(
      (await run(client.listContexts({}))).map(({ name, current }) => ({ name, current })),
      [{ name: 'default', current: true }],
    );
    assert.equal((await run(client.inspectContexts({ contexts: ['default'] })))[0]?.name, 'default');

    await run(client.tagImage({ fromImageRef: 'base', toImageRef: 'other:1' }));
    const images = await run(client.listImages({ all: true }));
    assert.deepEqual(images.map(({ image }) => image.originalName).toSorted(), ['base:latest', 'other:1']);
    const [image] = await run(client.inspectImages({ imageRefs: ['other:1'] }));
    assert.deepEqual([image?.operatingSystem, image?.command], ['linux', ['sh']]);

    const id = await run(
      client.runContainer({
        imageRef: 'base',
        name: 'tools',
        detached: true,
        ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80 }],
        labels: { of: 'tools' },
        environmentVariables: { WORDS: 'two words' },
        mounts: [{ type: 'volume', source: 'held', destination: '/data', readOnly: false }],
        command: ['sleep', '1000'],
      }),
    );
    for (const filter of [
      { all: true },
      { running: true, labels: { of: 'tools' } },
      { volumes: ['held'] },
      { networks: ['bridge'] },
      { imageAncestors: ['base'] },
    ]) {
      const found = await run(client.listContainers(filter));
      assert.deepEqual(
        found.map(({ id, name, state }) => [id, name, state]),
        [[id, 'tools', 'running']],
        JSON.stringify(filter),
      );
      assert.equal(found[0]?.ports[0]?.containerPort, 80);
    }
    const [container] = await run(client.inspectContainers({ containers: ['tools'] }));
    assert.equal(container?.environmentVariables.WORDS, 'two words');
    assert.equal(
      await textOf(
        client.execContainer({ container: 'tools', interactive: false, command: ['echo', 'a  b'] }),
      ),
      'a  b\n',
    );
    const files = await run(client.listFiles({ container: 'tools', path: '/etc', operatingSystem: 'linux' }));
    assert.ok(files.some(({ name, size }) => name === 'passwd' && (size ?? 0) > 0));
    assert.match(
      await textOf(client.readFile({ container: 'tools', path: '/etc/passwd', operatingSystem: 'linux' })),
      /root:x:0:0/,
    );

    assert.deepEqual(await run(client.stopContainers({ container: ['tools'], time: 0 })), ['tools']);
    assert.deepEqual(await run(client.startContainers({ container: ['tools'] })), ['tools']);
    assert.deepEqual(await run(client.restartContainers({ container: ['tools'] })), ['tools']);
    await textOf(client.logsForContainer({ container: 'tools', tail: 5, timestamps: true }));
    const events: string[] = [];
    const now = Math.floor(Date.now() / 1000);
    const asked = {
      types: ['container'],
      events: ['create', 'start'],
      since: now - 600,
      until: now + 1,
    } as const;
    for await (const { action } of stream(client.getEventStream(asked as never))) events.push(action);
    assert.deepEqual(events, ['create', 'start', 'start', 'start']);

    assert.deepEqual(
      (await run(client.listVolumes({}))).map(({ name }) => name),
      ['held'],
    );
    await run(client.createVolume({ name: 'more' }));
    assert.equal((await run(client.inspectVolumes({ volumes: ['held', 'more'] }))).length, 2);
    assert.deepEqual(await run(client.removeVolumes({ volumes: ['more'], force: true })), ['more']);
    assert.deepEqual((await run(client.listNetworks({}))).map(({ name }) => name).slice(0, 1), ['bridge']);
    assert.equal((await run(client.inspectNetworks({ networks: ['bridge'] })))[0]?.driver, 'bridge');

    assert.deepEqual(await run(client.removeContainers({ containers: ['tools'], force: true })), ['tools']);
    await run(client.pruneContainers({}));
    await run(client.pruneVolumes({}));
    await run(client.removeImages({ imageRefs: ['other:1'], force: true }));

    const context = join(sandbox.folder, 'tools');
    mkdirSync(context);
    writeFileSync(join(context, 'Dockerfile'), 'FROM base\nARG WHO\nRUN echo $WHO > /who\n');
    const imageIdFile = join(context, 'iid');
    const args = { WHO: 'tools' };
    await run(
      client.buildImage({
        path: context,
        file: join(context, 'Dockerfile'),
        tags: ['made:1'],
        args,
        imageIdFile,
      }),
    );
    assert.match(readFileSync(imageIdFile, 'utf8'), /^sha256:[0-9a-f]{64}$/);
    assert.equal(await sandbox.ok('run', '--rm', 'made:1', 'cat', '/who'), 'tools');
    await run(client.pruneImages({ all: false }));
  });

  test('the dev containers CLI builds, starts and enters a container', async () => {
    const workspace = join(sandbox.folder, 'workspace');
    mkdirSync(join(workspace, '.devcontainer'), { recursive: true });
    const configuration = {
      build: { dockerfile: 'Dockerfile', args: { TOOL: 'hammer' } },
      containerEnv: { WHERE: 'inside' },
      postCreateCommand: 'cat /tool > /tmp/created',
      mounts: ['source=kept,target=/kept,type=volume'],
    };
    writeFileSync(join(workspace, '.devcontainer/devcontainer.json'), JSON.stringify(configuration));
    writeFileSync(
      join(workspace, '.devcontainer/Dockerfile'),
      'FROM base\nARG TOOL\nRUN echo $TOOL > /tool\n',
    );
    writeFileSync(join(workspace, 'shared.txt'), 'of the host\n');
    const up = await devcontainer('up', workspace);
    assert.equal(JSON.parse(up.stdout).outcome, 'success', up.stderr);
    const inside = await devcontainer(
      'exec',
      workspace,
      'sh',
      '-c',
      'cat /tmp/created shared.txt; echo $WHERE; exit 3',
    );
    assert.deepEqual([inside.code, inside.stdout], [3, 'hammer\nof the host\ninside\n'], inside.stderr);
    const again = await devcontainer('up', workspace);
    assert.equal(JSON.parse(again.stdout).containerId, JSON.parse(up.stdout).containerId);
  });

  function devcontainer(verb: string, workspace: string, ...rest: string[]) {
    const program = fileURLToPath(
      new URL('../../node_modules/@devcontainers/cli/devcontainer.js', import.meta.url),
    );
    const args = [verb, '--docker-path', join(dist, 'sampan'), '--workspace-folder', workspace, ...rest];
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...sandbox.environment, TMPDIR: sandbox.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => resolve({ code, ...output }));
    });
  }
});
