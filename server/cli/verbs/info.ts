import { formatBinarySize } from '../../common/sizes.ts';
import type { EngineInfo } from '../../protocol/types.ts';
import { defineCommand } from '../command.ts';
import { applied } from '../listing.ts';
import { note, print, printLine } from '../output.ts';

export const info = defineCommand({
  usage: 'info [OPTIONS]',
  summary: 'Display system-wide information',
  flags: { format: { kind: 'string', short: 'f', help: 'Format output using a custom template, or json' } },
  args: [0, 0],
  async run({ flags, client }) {
    const connection = await client();
    const [engine, { containers }, { images }] = await Promise.all([
      connection.request('sampan/engine/info', {}),
      connection.request('sampan/container/list', { all: true }),
      connection.request('sampan/image/list', {}),
    ]);
    const count = (status: string) => containers.filter(container => container.status === status).length;
    const facts = {
      ServerVersion: engine.version,
      Containers: containers.length,
      ContainersRunning: count('running'),
      ContainersPaused: count('paused'),
      ContainersStopped: containers.length - count('running') - count('paused'),
      Images: images.length,
      Driver: engine.host.overlay ? 'overlay' : 'copy',
      CgroupVersion: engine.cgroup.version,
      CgroupControllers: engine.cgroup.controllers,
      KernelVersion: engine.kernel,
      OperatingSystem: 'Linux',
      OSType: 'linux',
      Architecture: engine.architecture,
      NCPU: engine.cpus,
      MemTotal: engine.memoryBytes,
      DockerRootDir: engine.root,
      RunDir: engine.run,
      Rootless: engine.host.rootless,
      SecurityOptions: ['name=seccomp,profile=builtin', ...(engine.host.rootless ? ['name=rootless'] : [])],
      Warnings: engine.warnings,
    };
    if (flags.format !== undefined) {
      await printLine(applied(flags.format === 'json' ? '{{json .}}' : flags.format)(facts));
      return 0;
    }
    await print(describe(facts, engine));
    for (const warning of engine.warnings) note(`WARNING: ${warning}`);
    return 0;
  },
});

function describe(
  facts: { readonly [name: string]: unknown } & { readonly ContainersRunning: number },
  { host, ...engine }: EngineInfo,
): string {
  return [
    `Containers: ${facts.Containers}`,
    ` Running: ${facts.ContainersRunning}`,
    ` Paused: ${facts.ContainersPaused}`,
    ` Stopped: ${facts.ContainersStopped}`,
    `Images: ${facts.Images}`,
    `Server Version: ${engine.version}`,
    `Storage Driver: ${facts.Driver}`,
    `Cgroup Version: ${engine.cgroup.version}`,
    `Cgroup Controllers: ${engine.cgroup.controllers.join(' ') || 'none'}`,
    `User Namespaces: ${host.rootless ? `rootless, ${host.idCount} ids (${host.idMap})` : 'root'}`,
    `Network Egress: ${host.egress}`,
    `Kernel Version: ${engine.kernel}`,
    'OSType: linux',
    `Architecture: ${engine.architecture}`,
    `CPUs: ${engine.cpus}`,
    `Total Memory: ${formatBinarySize(engine.memoryBytes)}`,
    `Sampan Root Dir: ${engine.root}`,
    `Sampan Run Dir: ${engine.run}`,
    '',
  ].join('\n');
}
