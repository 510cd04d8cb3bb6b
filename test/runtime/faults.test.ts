import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import type { MonitorSpec, StartedContainer } from '../../server/engine/runtime/types.ts';
import { type FaultRole, FaultyHelper, noFaults } from './support/faults.ts';
import { groupOf, noGroup } from './support/groups.ts';
import { eventually, holderPids, isRoot, makeSandbox, type Sandbox, statusField } from './support/sandbox.ts';
import { monitorSpec, type SpecChange } from './support/spec.ts';

const bridge = `spf${process.pid}`;
const network = { name: 'test', bridge, gateway: '10.214.0.1/24', subnet: '10.214.0.0/24' };
const seconds = 20;
const limited = noGroup('pids') === false;

interface Fault {
  readonly role: FaultRole;
  readonly kind: 'fail' | 'kill';
  /** Steps from one try to the next. */
  readonly stride?: number;
}

describe('a container whose start or end fails at any step', { skip: noFaults }, () => {
  let sandbox: Sandbox;
  let faulty: FaultyHelper;
  before(async () => {
    sandbox = makeSandbox({
      idleSeconds: 60,
      program: base => {
        faulty = new FaultyHelper(base);
        return faulty.path;
      },
    });
    await sandbox.runtime.ensureNetwork(network);
  });
  after(async () => {
    await sandbox.runtime.removeNetwork(bridge);
    await sandbox.remove();
    if (!limited) return;
    const left = join(groupOf('pids'), 'c');
    if (existsSync(left)) rmdirSync(left);
    rmdirSync(groupOf('pids'));
    faulty.close();
  });

  /** Everything that a start makes: address, port, mounts of every kind, settings, limits, an init. */
  function fullSpec(change: SpecChange = {}): MonitorSpec {
    const bind = { kind: 'bind', source: '/etc/hostname', target: '/etc/hostname', readOnly: true } as const;
    return monitorSpec(sandbox, ['true'], {
      network: { bridge, gateway: '10.214.0.1', mac: '02:42:0a:d6:00:09' },
      address: '10.214.0.9/24',
      ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' }],
      mounts: [
        { ...bind, options: ['rprivate'] },
        { kind: 'tmpfs', target: '/t', readOnly: false, options: ['size=1m'] },
      ],
      cgroups: limited
        ? [{ path: join(groupOf('pids'), 'c'), writes: [{ file: 'pids.max', value: '50' }], enter: true }]
        : [],
      sysctls: { 'net.ipv4.ip_forward': '1' },
      init: true,
      waitForAttach: false,
      ...change,
    });
  }

  /** Nothing may come to these. The kernel takes interfaces away a little after their namespace. */
  function traces(holders: readonly number[]): { readonly [what: string]: readonly (string | number)[] } {
    // Rootless, its process outside of the namespaces is its parent.
    const holder = holders.find(pid => isRoot || holders.includes(Number(statusField(pid, 'PPid')))) ?? 0;
    return {
      processes: descendants(holders),
      mounts: readFileSync(`/proc/${holder}/mountinfo`, 'utf8').trim().split('\n'),
      links: isRoot ? portsOf(bridge) : linksOf(holder),
      groups: limited ? readdirSync(groupOf('pids')).filter(name => name === 'c') : [],
      files: filesOf(sandbox.run),
    };
  }

  async function startWithFault(spec: MonitorSpec, struck: string): Promise<void> {
    let started: StartedContainer | undefined;
    const start = sandbox.runtime.startContainer(spec).then(
      answer => {
        started = answer;
      },
      error => assert.ok(isSampanError(error), `${struck}: ${error}`),
    );
    await within(start, () => `${struck} (${faulty.struck()}): the start answers`);
    if (started)
      await eventually(`${struck}: the monitor ends`, () => isGone(started?.monitor.pid ?? 0), seconds);
  }

  /** Go wrong at step 1, 1 + stride … until that many steps are not made; returns how many were tried. */
  async function sweep(fault: Fault, spec: () => MonitorSpec): Promise<number> {
    const { role, kind, stride = 1 } = fault;
    const holders = holderPids(sandbox.run);
    const untouched = traces(holders);
    for (let step = 1; ; step += stride) {
      faulty.aim(role, step, kind);
      const each = spec();
      await startWithFault(each, `${kind} ${role} at step ${step}`);
      const call = faulty.struck();
      const name = `${kind} ${role} at step ${step} (${call})`;
      for (const [what, before] of Object.entries(untouched)) {
        // Those of a killed monitor are the engine's to remove.
        if (what === 'groups' && kind === 'kill' && role === 'monitor') continue;
        const added = () => traces(holders)[what]?.filter(one => !before.includes(one)) ?? [];
        await eventually(`${name} leaves ${what}: ${added()}`, () => added().length === 0, seconds);
      }
      if (kind === 'fail') checkFiles(each, name);
      if (call === undefined) return Math.floor(step / stride);
    }
  }

  function checkFiles(spec: MonitorSpec, what: string): void {
    const left = existsSync(spec.runDirectory) ? readdirSync(spec.runDirectory) : [];
    assert.deepEqual(left, [], `${what} leaves in the runtime folder`);
    // The place of the last record is reserved beside it while there is none.
    const known = ['upper', 'work', 'state.json', 'state.json.new', 'log'];
    const files = readdirSync(spec.directory).filter(name => !known.includes(name));
    assert.deepEqual(files, [], `${what} leaves in the container's folder`);
  }

  const faults: readonly Fault[] = [
    { role: 'monitor', kind: 'fail' },
    { role: 'newborn', kind: 'fail' },
    { role: 'monitor', kind: 'kill', stride: 3 },
    { role: 'newborn', kind: 'kill', stride: 11 },
  ];
  for (const fault of faults)
    test(`leaves nothing when a call of the ${fault.role} ends with ${fault.kind}`, async t => {
      const steps = await sweep(fault, fullSpec);
      t.diagnostic(`${steps} steps`);
      assert.ok(steps > 10, `${steps} steps`);
    });

  test('leaves nothing when a call fails in a start that fails anyway', async t => {
    const steps = await sweep({ role: 'monitor', kind: 'fail' }, () => monitorSpec(sandbox, ['nowhere']));
    t.diagnostic(`${steps} steps`);
    assert.ok(steps > 10, `${steps} steps`);
  });

  test('leaves nothing when a call of a terminal fails', async t => {
    const onTerminal = (): MonitorSpec =>
      monitorSpec(sandbox, ['true'], { process: { tty: true }, waitForAttach: false });
    const steps = [
      await sweep({ role: 'monitor', kind: 'fail' }, onTerminal),
      await sweep({ role: 'newborn', kind: 'fail', stride: 3 }, onTerminal),
    ];
    t.diagnostic(`${steps} steps`);
    for (const count of steps) assert.ok(count > 10, `${steps} steps`);
  });
});

async function within(work: Promise<unknown>, what: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what()}: not within ${seconds} s`)), seconds * 1000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function isGone(pid: number): boolean {
  const state = statusField(pid, 'State');
  return state === undefined || state.startsWith('Z');
}

/** What lies in a runtime folder beside the folders of containers, and those monitors that a holder would take over from. */
function filesOf(run: string): string[] {
  const names = readdirSync(run).filter(name => !name.startsWith('c-') && name !== 'monitors');
  const monitors = join(run, 'monitors');
  return [...names, ...(existsSync(monitors) ? readdirSync(monitors) : [])];
}

/** Interfaces plugged into a bridge of this network namespace; the bridge goes with the last container. */
function portsOf(name: string): string[] {
  const folder = `/sys/class/net/${name}/brif`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Interfaces in the network namespace of a process. */
function linksOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/net/dev`, 'utf8').match(/[^:\s]+(?=:)/g) ?? [];
}

/** Processes below those, zombies left out: their parents are about to see them. */
function descendants(roots: readonly number[]): number[] {
  const children = roots.flatMap(childrenOf).filter(pid => !roots.includes(pid));
  return children.length === 0 ? [] : [...children.filter(pid => !isGone(pid)), ...descendants(children)];
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
