// A server to be killed: opens the engine in the folders given and does what the third argument says for ever.
import { openEngine } from '../../server/engine/engine.ts';
import { dist } from './store-support.ts';

const [root = '', run = '', act = ''] = process.argv.slice(2);
const engine = await openEngine({ root, run, nativeDirectory: dist, idleSeconds: 1, log: () => undefined });
const volume = {
  type: 'volume',
  target: '/data',
  readOnly: false,
  options: [],
  createSource: false,
} as const;
const options = { image: 'busybox', network: 'none', command: ['sleep', '1000'] } as const;

if (act === 'run') {
  const plain = await engine.containers.create({ ...options, name: 'survivor' });
  const brief = await engine.containers.create({
    ...options,
    name: 'brief',
    autoRemove: true,
    mounts: [volume],
  });
  for (const { id } of [plain, brief]) await engine.containers.start(id);
  process.stdout.write('ready\n');
  setInterval(() => undefined, 1000);
} else {
  process.stdout.write('ready\n');
  for (;;) {
    const { id } = await engine.containers.create({ ...options, name: 'again', mounts: [volume] });
    await engine.containers.start(id);
    await engine.containers.remove(id, { force: true, volumes: true });
  }
}
