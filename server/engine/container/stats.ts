import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { Native } from '../native.ts';
import { isRunning, type Running } from './exit.ts';
import type { ContainerFacts } from './state.ts';
import {
  blockUsage,
  type ContainerUsage,
  descendants,
  type GroupUsage,
  groupFiles,
  groupUsage,
  mergeUsage,
  networkUsage,
  type ProcessUsage,
  processUsage,
} from './usage.ts';

type Files = Pick<Native, 'readFiles'>;

/**
 * What containers take now. The groups tell it where their controllers count; what they do not (a container without a
 * limit on v1, or without delegation) is summed up over its processes. All files of one kind are read in one trip.
 */
export async function measureContainers(
  native: Files,
  containers: readonly ContainerFacts[],
): Promise<readonly ContainerUsage[]> {
  const running = containers.filter(isRunning);
  const texts = await readAll(native, running.flatMap(filesOf));
  const members = await membersOf(native, { running, texts });
  const io = await readAll(
    native,
    [...members.values()].flat().map(({ pid }) => `/proc/${pid}/io`),
  );
  const at = performance.now();
  return containers.map(facts =>
    isRunning(facts)
      ? usageOf(facts, { at, texts, io, members: members.get(facts.record.id) })
      : idle(facts, at),
  );
}

type Read = ReadonlyMap<string, string | undefined>;

async function readAll(native: Files, paths: readonly string[]): Promise<Read> {
  const outcomes = await native.readFiles(paths);
  return new Map(
    paths.map((path, index) => {
      const outcome = outcomes[index];
      return [path, typeof outcome === 'string' ? outcome : undefined];
    }),
  );
}

const groupsOf = (facts: Running) => facts.run?.cgroups ?? [];
const interfacesOf = (facts: Running) => `/proc/${facts.state.process.pid}/net/dev`;
const processesOf = (facts: Running) => groupsOf(facts).map(group => `${group}/cgroup.procs`);

function filesOf(facts: Running): readonly string[] {
  const counted = groupsOf(facts).flatMap(group => groupFiles.map(file => `${group}/${file}`));
  return [...counted, ...processesOf(facts), interfacesOf(facts)];
}

function toldByGroups(facts: Running, texts: Read): GroupUsage {
  const one = (group: string) =>
    groupUsage(Object.fromEntries(groupFiles.map(file => [file, texts.get(`${group}/${file}`)])));
  return mergeUsage(groupsOf(facts).map(one));
}

/** The processes of those containers whose groups do not tell all, by container. */
async function membersOf(
  native: Files,
  { running, texts }: { readonly running: readonly Running[]; readonly texts: Read },
): Promise<ReadonlyMap<string, readonly ProcessUsage[]>> {
  const lacking = running.filter(facts => Object.values(toldByGroups(facts, texts)).includes(undefined));
  const pidsOf = (facts: Running) =>
    processesOf(facts)
      .map(file => texts.get(file))
      .find(text => text !== undefined);
  const grouped = lacking.filter(facts => pidsOf(facts) !== undefined);
  const isGroupless = grouped.length < lacking.length;
  const pids = isGroupless
    ? (await readdir('/proc')).filter(name => /^\d+$/.test(name))
    : grouped.flatMap(facts => words(pidsOf(facts)));
  const stats = await readAll(
    native,
    pids.map(pid => `/proc/${pid}/stat`),
  );
  const processes = [...stats.values()].map(processUsage).filter(found => found !== undefined);
  const byPid = new Map(processes.map(process => [String(process.pid), process]));
  return new Map(
    lacking.map(facts => {
      const listed = pidsOf(facts);
      const members =
        listed === undefined
          ? descendants(processes, facts.state.process.pid)
          : words(listed).flatMap(pid => byPid.get(pid) ?? []);
      return [facts.record.id, members];
    }),
  );
}

function words(text = ''): readonly string[] {
  return text.split('\n').filter(word => word !== '');
}

function usageOf(
  facts: Running,
  input: {
    readonly at: number;
    readonly texts: Read;
    readonly io: Read;
    readonly members: readonly ProcessUsage[] | undefined;
  },
): ContainerUsage {
  const { at, texts, io, members = [] } = input;
  const told = toldByGroups(facts, texts);
  const sum = (of: (process: ProcessUsage) => number) => members.reduce((total, one) => total + of(one), 0);
  const block = (process: ProcessUsage) => blockUsage(io.get(`/proc/${process.pid}/io`));
  const isOwnNetwork = facts.record.network.mode !== 'host';
  return {
    id: facts.record.id,
    name: facts.record.name,
    at,
    cpuNanoseconds: told.cpuNanoseconds ?? sum(one => one.cpuNanoseconds),
    memoryBytes: told.memoryBytes ?? sum(one => one.memoryBytes),
    memoryLimit: Math.min(told.memoryLimit ?? Number.POSITIVE_INFINITY, totalmem()),
    ...networkUsage(isOwnNetwork ? texts.get(interfacesOf(facts)) : ''),
    readBytes: told.readBytes ?? sum(one => block(one).readBytes),
    writtenBytes: told.writtenBytes ?? sum(one => block(one).writtenBytes),
    tasks: told.tasks ?? sum(one => one.threads),
  };
}

function idle({ record }: ContainerFacts, at: number): ContainerUsage {
  const nothing = { cpuNanoseconds: 0, memoryBytes: 0, memoryLimit: 0, receivedBytes: 0, sentBytes: 0 };
  return { id: record.id, name: record.name, at, ...nothing, readBytes: 0, writtenBytes: 0, tasks: 0 };
}
