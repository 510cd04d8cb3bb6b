import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { StartedContainer } from '../../server/engine/runtime/types.ts';
import { Attacher } from './support/attacher.ts';
import { eventually, isRoot, makeSandbox, type Sandbox } from './support/sandbox.ts';
import { monitorSpec, type SpecChange } from './support/spec.ts';

const bridge = `spt${process.pid}`;
const network = { name: 'test', bridge, gateway: '10.213.0.1/24', subnet: '10.213.0.0/24' };
let sandbox: Sandbox;
const running: StartedContainer[] = [];

before(async () => {
  sandbox = makeSandbox();
  await sandbox.runtime.ensureNetwork(network);
});
after(async () => {
  for (const container of running) await sandbox.runtime.signal(container.process, 9).catch(() => undefined);
  await sandbox.runtime.removeNetwork(bridge);
  await sandbox.remove();
});

function onNetwork(host: number, change: SpecChange = {}): SpecChange {
  const mac = `02:42:0a:d5:00:${host.toString(16).padStart(2, '0')}`;
  return { network: { bridge, gateway: '10.213.0.1', mac }, address: `10.213.0.${host}/24`, ...change };
}

async function start(args: readonly string[], change: SpecChange) {
  // As the engine does: rootless the bridge lives as long as the holder, which leaves when nobody uses it.
  if (change.network) await sandbox.runtime.ensureNetwork(network);
  const started = await sandbox.runtime.startContainer(monitorSpec(sandbox, args, change));
  running.push(started);
  return { started, attacher: new Attacher(started.attachSocket) };
}

/** Asks until the server in the container listens: before, a reset is an honest answer. */
async function readWhenUp(port: number, say = ''): Promise<string> {
  let answer = '';
  await eventually('the server answers', async () => {
    answer = await readAll(port, say).catch(() => '');
    return answer !== '';
  });
  return answer;
}

/** Everything that a server at this address says. */
async function readAll(port: number, say = ''): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  socket.end(say);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('a container has its address, MAC and default route', async () => {
  const { attacher } = await start(['sh', '-c', 'ip addr show eth0; ip route'], onNetwork(9));
  assert.equal((await attacher.exit).exitCode, 0);
  assert.match(attacher.stdout, /link\/ether 02:42:0a:d5:00:09/);
  assert.match(attacher.stdout, /inet 10\.213\.0\.9\/24/);
  assert.match(attacher.stdout, /default via 10\.213\.0\.1 dev eth0/);
});

test('two containers of a network reach each other and its gateway', async () => {
  const server = await start(['nc', '-l', '-p', '7000', '-e', 'echo', 'hello'], onNetwork(2));
  const script = 'ping -c 1 -W 2 10.213.0.1 >/dev/null && until nc 10.213.0.2 7000; do sleep 0.05; done';
  const client = await start(['sh', '-c', script], onNetwork(3));
  assert.equal((await client.attacher.exit).exitCode, 0);
  assert.equal(client.attacher.stdout, 'hello\n');
  await server.attacher.exit;
});

test('a published port is relayed, both ways and to the end', async () => {
  const { started } = await start(
    ['nc', '-ll', '-p', '80', '-e', 'tr', 'a-z', 'A-Z'],
    onNetwork(4, { ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' }] }),
  );
  const port = started.ports[0]?.hostPort ?? 0;
  assert.ok(port > 0);
  const big = 'abcdefgh'.repeat(200_000);
  const answer = await readWhenUp(port, big);
  assert.equal(answer.length, big.length);
  assert.equal(answer, big.toUpperCase());
});

test('a port is published without any interface in the container', async () => {
  const { started } = await start(['nc', '-l', '-p', '80', '-e', 'echo', 'loop'], {
    ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' }],
  });
  assert.equal(await readWhenUp(started.ports[0]?.hostPort ?? 0), 'loop\n');
});

const echoServer = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  socket.bind(53, () => console.log('ready'));`;

test('a published UDP port answers its clients', async () => {
  const { started } = await start(
    ['sleep', '100'],
    onNetwork(5, {
      ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 53, protocol: 'udp' }],
      waitForAttach: false,
    }),
  );
  // busybox has no UDP server: this one runs on the host's files in the container's network.
  const enter = [
    '-t',
    String(started.process.pid),
    '-n',
    ...(isRoot ? [] : ['-U', '--preserve-credentials']),
  ];
  const server = spawn('nsenter', [...enter, process.execPath, '-e', echoServer]);
  await once(server.stdout, 'data');
  const clients = [createSocket('udp4'), createSocket('udp4')];
  for (const [index, socket] of clients.entries()) {
    const answered = once(socket, 'message');
    socket.send(`ping ${index}`, started.ports[0]?.hostPort ?? 0, '127.0.0.1');
    assert.equal(String((await answered)[0]), `ping ${index}`);
    socket.close();
  }
  server.kill();
  await once(server, 'exit');
});

test('a port in use is named and nothing is left of the container', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const ports = [{ hostIp: '127.0.0.1', hostPort: port, containerPort: 80, protocol: 'tcp' as const }];
  await assert.rejects(start(['true'], onNetwork(6, { ports })), {
    code: 'port-in-use',
    message: new RegExp(`127\\.0\\.0\\.1:${port}`),
  });
  taken.close();
});

test('a port is free again when its container has ended', async () => {
  const first = await start(
    ['true'],
    onNetwork(7, { ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' }] }),
  );
  await first.attacher.exit;
  const hostPort = first.started.ports[0]?.hostPort ?? 0;
  const again = await start(
    ['true'],
    onNetwork(7, { ports: [{ hostIp: '127.0.0.1', hostPort, containerPort: 80, protocol: 'tcp' }] }),
  );
  assert.equal(again.started.ports[0]?.hostPort, hostPort);
  await again.attacher.exit;
});

test('ensuring a network again changes nothing and tells the way out', async () => {
  const state = await sandbox.runtime.ensureNetwork(network);
  const host = await sandbox.runtime.host();
  assert.equal(state.egress, isRoot ? 'direct' : host.egress);
  assert.equal(state.warnings.length, state.egress === 'none' ? 1 : 0);
});

test('a monitor brings the bridge of its container up', async () => {
  const name = `${bridge}u`;
  const place = { bridge: name, subnet: '10.218.0.0/24', gateway: '10.218.0.1', mac: '02:42:0a:da:00:02' };
  const { attacher } = await start(['ping', '-c', '1', '-W', '5', '10.218.0.1'], {
    network: place,
    address: '10.218.0.2/24',
  });
  assert.equal((await attacher.exit).exitCode, 0, attacher.stdout);
  await sandbox.runtime.removeNetwork(name);
});

test('a privileged port as a user is refused with a way out', {
  skip: isRoot && 'root may bind any port',
}, async () => {
  const ports = [{ hostIp: '127.0.0.1', hostPort: 81, containerPort: 80, protocol: 'tcp' as const }];
  await assert.rejects(start(['true'], onNetwork(8, { ports })), (error: { hint: string }) => {
    assert.match(error.hint, /8081/);
    return true;
  });
});

test('a network whose range moved has rules for the new one', {
  skip: !isRoot && 'the rules are not visible from here',
}, async () => {
  const name = `${bridge}m`;
  await sandbox.runtime.ensureNetwork({
    ...network,
    bridge: name,
    gateway: '10.215.0.1/24',
    subnet: '10.215.0.0/24',
  });
  await sandbox.runtime.ensureNetwork({
    ...network,
    bridge: name,
    gateway: '10.216.0.1/24',
    subnet: '10.216.0.0/24',
  });
  const rules = execFileSync('nft', ['list', 'table', 'inet', `sampan_${name}`], { encoding: 'utf8' });
  assert.match(rules, /10\.216\.0\.0\/24/);
  assert.doesNotMatch(rules, /10\.215/);
  await sandbox.runtime.removeNetwork(name);
});

test('a removed network leaves no interface and no rules', async () => {
  const name = `${bridge}x`;
  await sandbox.runtime.ensureNetwork({
    ...network,
    bridge: name,
    gateway: '10.214.0.1/24',
    subnet: '10.214.0.0/24',
  });
  await sandbox.runtime.removeNetwork(name);
  if (!isRoot) return;
  assert.doesNotMatch(execFileSync('ip', ['link'], { encoding: 'utf8' }), new RegExp(name));
  assert.doesNotMatch(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }), new RegExp(name));
});
