import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

const sh = (script: string, options: Parameters<TestEngine['runToEnd']>[0] = {}) =>
  bench.runToEnd({ command: ['sh', '-c', script], ...options });
/** Answers every connection with a line. */
const server = (line: string, port = 80) =>
  ['sh', '-c', `while :; do echo ${line} | nc -l -p ${port} > /dev/null; done`] as const;

/** What a server on this machine sends, asked for until it is there. */
async function fetchLine(port: number): Promise<string> {
  let line = '';
  await eventually(`port ${port} answers`, async () => {
    line = await new Promise<string>(resolve => {
      const socket = createConnection({ port, host: '127.0.0.1' });
      let text = '';
      socket.on('data', chunk => {
        text += chunk;
        socket.end();
      });
      socket.on('error', () => resolve(''));
      socket.on('close', () => resolve(text));
    });
    return line !== '';
  });
  return line;
}

test('a container has an address, a gateway and its name in the hosts file', { skip }, async () => {
  const done = await sh(
    'ip -4 -o addr show eth0 | cut -d" " -f7; ip route | head -1; tail -1 /etc/hosts; cat /etc/hostname',
  );
  const [address = '', route, own, name] = done.stdout.split('\n');
  const [network] = (await bench.engine.surveyNetworks()).found;
  assert.match(address, /^\d+\.\d+\.\d+\.\d+\/\d+$/);
  assert.match(route ?? '', new RegExp(`^default via ${network?.gateway?.replaceAll('.', '\\.')} dev eth0`));
  assert.equal(own, `${address.split('/')[0]}\t${name}`);
  assert.equal(name, done.container.id.slice(0, 12));
});

test('addresses differ, show while running, and are given back', { skip }, async () => {
  const [a, b] = await Promise.all([
    bench.start({ command: ['sleep', '1000'], name: 'one' }),
    bench.start({ command: ['sleep', '1000'], name: 'two' }),
  ]);
  assert.notEqual(a.network.address, b.network.address);
  const bridge = (await bench.engine.surveyNetworks()).found.find(network => network.name === 'bridge');
  assert.deepEqual(bridge?.containers.map(one => one.name).sort(), ['one', 'two']);
  for (const one of [a, b]) await bench.engine.containers.remove(one.id, { force: true });
  const leases = await readdir(join(bench.run, 'networks', 'bridge'));
  assert.ok(!leases.includes(a.id) && !leases.includes(a.network.address ?? ''));
});

test('containers reach each other, by link also by name, and get docker’s variables', { skip }, async () => {
  const db = await bench.start({ command: server('hello'), name: 'db', expose: ['80'], env: ['SECRET=x'] });
  const done = await sh(
    'env | grep ^STORE | sort; grep store /etc/hosts; for i in $(seq 100); do nc -w 5 store 80 </dev/null && break; sleep 0.1; done',
    { name: 'web', links: [{ container: 'db', alias: 'store' }] },
  );
  const address = db.network.address;
  assert.deepEqual(
    done.stdout.trim().split('\n'),
    [
      'STORE_ENV_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'STORE_ENV_SECRET=x',
      'STORE_NAME=/web/store',
      `STORE_PORT=tcp://${address}:80`,
      `STORE_PORT_80_TCP=tcp://${address}:80`,
      `STORE_PORT_80_TCP_ADDR=${address}`,
      'STORE_PORT_80_TCP_PORT=80',
      'STORE_PORT_80_TCP_PROTO=tcp',
      `${address}\tstore ${db.id.slice(0, 12)} db`,
      'hello',
    ].filter(line => !line.startsWith('STORE_ENV_PATH')),
  );
  await bench.engine.containers.remove('db', { force: true });
  await assert.rejects(bench.engine.containers.start('web'), { code: 'not-found' });
});

test('a link to a stopped container is refused', { skip }, async () => {
  await bench.engine.containers.create({ image: 'busybox', name: 'idle' });
  const { id } = await bench.engine.containers.create({
    image: 'busybox',
    links: [{ container: 'idle', alias: 'x' }],
  });
  await assert.rejects(bench.engine.containers.start(id), {
    code: 'not-running',
    message: /Cannot link to a non running/,
  });
});

test('a published port answers on this machine, a free one is reported', { skip }, async () => {
  const container = await bench.start({
    command: server('served'),
    ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' }],
  });
  const port = container.ports[0]?.hostPort ?? 0;
  assert.ok(port > 0);
  assert.equal(await fetchLine(port), 'served\n');
  await bench.engine.containers.remove(container.id, { force: true });
});

test('a port in use is refused by name, and nothing runs', { skip }, async t => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise(resolve => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const { id } = await bench.engine.containers.create({
    image: 'busybox',
    command: ['sleep', '1000'],
    ports: [{ hostIp: '127.0.0.1', hostPort: port, containerPort: 80, protocol: 'tcp' }],
  });
  await assert.rejects(bench.engine.containers.start(id), {
    code: 'port-in-use',
    message: new RegExp(String(port)),
  });
  const container = await bench.engine.containers.get(id);
  assert.equal(container.status, 'created');
  assert.match(container.error ?? '', /already in use/);
  taken.close();
  await new Promise(resolve => taken.once('close', resolve));
  assert.equal((await bench.engine.containers.start(id)).container.status, 'running');
});

test('a container shares another one’s network and files', { skip }, async () => {
  const owner = await bench.start({ command: server('inner', 8080), name: 'owner' });
  const done = await sh(
    'hostname; tail -1 /etc/hosts; for i in $(seq 100); do nc -w 5 127.0.0.1 8080 </dev/null && break; sleep 0.1; done',
    {
      network: 'container:owner',
    },
  );
  const host = owner.id.slice(0, 12);
  assert.equal(done.stdout, `${host}\n${owner.network.address}\t${host}\ninner\n`);
  assert.equal(done.container.network.name, `container:${owner.id}`);
});

test('a network that does not exist is refused', { skip }, async () => {
  await assert.rejects(bench.engine.containers.create({ image: 'busybox', network: 'nosuch' }), {
    code: 'not-found',
    message: /network nosuch not found/,
  });
});
