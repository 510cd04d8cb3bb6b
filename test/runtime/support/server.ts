// A process of its own that starts the container it is sent and then stays, as a server does.
import { HelperRuntime } from '../../../server/engine/runtime/client.ts';
import type { MonitorSpec } from '../../../server/engine/runtime/types.ts';
import { helper } from './sandbox.ts';

const [root = '', run = ''] = process.argv.slice(2);
const runtime = new HelperRuntime({ root, run, helper, idleSeconds: 1 });
process.on('message', async (spec: MonitorSpec) => {
  process.send?.(await runtime.startContainer(spec));
});
