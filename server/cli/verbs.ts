import type { AnyCommand } from './command.ts';
import { CliFailure } from './failure.ts';

/** A verb: loaded when it is used, so that a start costs no more than it needs. */
interface Verb {
  readonly summary: string;
  readonly load: () => Promise<AnyCommand>;
}

type Verbs = { readonly [name: string]: Verb };

const run: Verb = {
  summary: 'Create and run a new container from an image',
  load: async () => (await import('./verbs/run.ts')).run,
};
const create: Verb = {
  summary: 'Create a new container',
  load: async () => (await import('./verbs/run.ts')).create,
};
const start: Verb = {
  summary: 'Start one or more stopped containers',
  load: async () => (await import('./verbs/start.ts')).start,
};
const attach: Verb = {
  summary: 'Attach local standard input, output, and error streams to a running container',
  load: async () => (await import('./verbs/start.ts')).attachTo,
};
const exec: Verb = {
  summary: 'Execute a command in a running container',
  load: async () => (await import('./verbs/exec.ts')).exec,
};
const ps: Verb = { summary: 'List containers', load: async () => (await import('./verbs/ps.ts')).ps };
const logs: Verb = {
  summary: 'Fetch the logs of a container',
  load: async () => (await import('./verbs/logs.ts')).logs,
};
const stop: Verb = {
  summary: 'Stop one or more running containers',
  load: async () => (await import('./verbs/lifecycle.ts')).stop,
};
const restart: Verb = {
  summary: 'Restart one or more containers',
  load: async () => (await import('./verbs/lifecycle.ts')).restart,
};
const kill: Verb = {
  summary: 'Kill one or more running containers',
  load: async () => (await import('./verbs/lifecycle.ts')).kill,
};
const update: Verb = {
  summary: 'Update configuration of one or more containers',
  load: async () => (await import('./verbs/update.ts')).update,
};
const pause: Verb = {
  summary: 'Pause all processes within one or more containers',
  load: async () => (await import('./verbs/lifecycle.ts')).pause,
};
const unpause: Verb = {
  summary: 'Unpause all processes within one or more containers',
  load: async () => (await import('./verbs/lifecycle.ts')).unpause,
};
const rm: Verb = {
  summary: 'Remove one or more containers',
  load: async () => (await import('./verbs/lifecycle.ts')).rm,
};
const rename: Verb = {
  summary: 'Rename a container',
  load: async () => (await import('./verbs/lifecycle.ts')).rename,
};
const wait: Verb = {
  summary: 'Block until one or more containers stop, then print their exit codes',
  load: async () => (await import('./verbs/lifecycle.ts')).wait,
};
const containerPrune: Verb = {
  summary: 'Remove all stopped containers',
  load: async () => (await import('./verbs/prune.ts')).containerPrune,
};
const inspect: Verb = {
  summary: 'Return low-level information on objects',
  load: async () => (await import('./verbs/inspect.ts')).inspect,
};
const port: Verb = {
  summary: 'List port mappings or a specific mapping for the container',
  load: async () => (await import('./verbs/contents.ts')).port,
};
const top: Verb = {
  summary: 'Display the running processes of a container',
  load: async () => (await import('./verbs/top.ts')).top,
};
const cp: Verb = {
  summary: 'Copy files/folders between a container and the local filesystem',
  load: async () => (await import('./verbs/cp.ts')).cp,
};
const diff: Verb = {
  summary: "Inspect changes to files or directories on a container's filesystem",
  load: async () => (await import('./verbs/contents.ts')).diff,
};
const exportVerb: Verb = {
  summary: "Export a container's filesystem as a tar archive",
  load: async () => (await import('./verbs/contents.ts')).exportContainer,
};
const commit: Verb = {
  summary: "Create a new image from a container's changes",
  load: async () => (await import('./verbs/contents.ts')).commit,
};
const build: Verb = {
  summary: 'Build an image from a Dockerfile',
  load: async () => (await import('./verbs/build.ts')).build,
};
const images: Verb = {
  summary: 'List images',
  load: async () => (await import('./verbs/images.ts')).images,
};
const pull: Verb = {
  summary: 'Download an image from a registry',
  load: async () => (await import('./verbs/pull.ts')).pull,
};
const push: Verb = {
  summary: 'Upload an image to a registry',
  load: async () => (await import('./verbs/push.ts')).push,
};
const load: Verb = {
  summary: 'Load an image from a tar archive or STDIN',
  load: async () => (await import('./verbs/archives.ts')).load,
};
const save: Verb = {
  summary: 'Save one or more images to a tar archive',
  load: async () => (await import('./verbs/archives.ts')).save,
};
const importVerb: Verb = {
  summary: 'Import the contents from a tarball to create a filesystem image',
  load: async () => (await import('./verbs/archives.ts')).importImage,
};
const history: Verb = {
  summary: 'Show the history of an image',
  load: async () => (await import('./verbs/images.ts')).history,
};
const tag: Verb = {
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  load: async () => (await import('./verbs/images.ts')).tag,
};
const rmi: Verb = {
  summary: 'Remove one or more images',
  load: async () => (await import('./verbs/images.ts')).rmi,
};
const imagePrune: Verb = {
  summary: 'Remove unused images',
  load: async () => (await import('./verbs/prune.ts')).imagePrune,
};
const events: Verb = {
  summary: 'Get real time events from the store',
  load: async () => (await import('./verbs/events.ts')).events,
};
const stats: Verb = {
  summary: 'Display a live stream of container(s) resource usage statistics',
  load: async () => (await import('./verbs/stats.ts')).stats,
};
const inspectOnly = (kind: 'container' | 'image' | 'volume' | 'network'): Verb => ({
  summary: `Display detailed information on one or more ${kind}s`,
  load: async () => (await import('./verbs/inspect.ts')).inspectOf(kind),
});

const plain: Verbs = {
  run,
  create,
  start,
  attach,
  exec,
  ps,
  logs,
  stop,
  restart,
  kill,
  update,
  pause,
  unpause,
  rm,
  rename,
  wait,
  inspect,
  port,
  top,
  cp,
  diff,
  export: exportVerb,
  commit,
  build,
  images,
  history,
  pull,
  push,
  load,
  save,
  import: importVerb,
  tag,
  rmi,
  events,
  stats,
  login: {
    summary: 'Authenticate to a registry',
    load: async () => (await import('./verbs/login.ts')).login,
  },
  logout: {
    summary: 'Log out from a registry',
    load: async () => (await import('./verbs/login.ts')).logout,
  },
  version: {
    summary: 'Show the Sampan version information',
    load: async () => (await import('./verbs/version.ts')).version,
  },
  info: {
    summary: 'Display system-wide information',
    load: async () => (await import('./verbs/info.ts')).info,
  },
};

const groups: { readonly [name: string]: { readonly summary: string; readonly verbs: Verbs } } = {
  container: {
    summary: 'Manage containers',
    verbs: {
      ...{
        run,
        create,
        start,
        attach,
        exec,
        logs,
        stop,
        restart,
        kill,
        update,
        pause,
        unpause,
        rm,
        rename,
        wait,
        port,
        top,
        stats,
        cp,
        diff,
      },
      ...{ ls: ps, list: ps, ps, export: exportVerb, commit, prune: containerPrune },
      inspect: inspectOnly('container'),
    },
  },
  image: {
    summary: 'Manage images',
    verbs: {
      ...{
        build,
        ls: images,
        list: images,
        history,
        pull,
        push,
        load,
        save,
        import: importVerb,
        tag,
        rm: rmi,
      },
      prune: imagePrune,
      inspect: inspectOnly('image'),
    },
  },
  volume: {
    summary: 'Manage volumes',
    verbs: {
      create: {
        summary: 'Create a volume',
        load: async () => (await import('./verbs/volume.ts')).volumeCreate,
      },
      ls: { summary: 'List volumes', load: async () => (await import('./verbs/volume.ts')).volumeList },
      rm: {
        summary: 'Remove one or more volumes',
        load: async () => (await import('./verbs/volume.ts')).volumeRemove,
      },
      prune: {
        summary: 'Remove unused local volumes',
        load: async () => (await import('./verbs/prune.ts')).volumePrune,
      },
      inspect: inspectOnly('volume'),
    },
  },
  network: {
    summary: 'Manage networks',
    verbs: {
      create: {
        summary: 'Create a network',
        load: async () => (await import('./verbs/network.ts')).networkCreate,
      },
      rm: {
        summary: 'Remove one or more networks',
        load: async () => (await import('./verbs/network.ts')).networkRemove,
      },
      prune: {
        summary: 'Remove all unused networks',
        load: async () => (await import('./verbs/prune.ts')).networkPrune,
      },
      ls: { summary: 'List networks', load: async () => (await import('./verbs/network.ts')).networkList },
      inspect: inspectOnly('network'),
    },
  },
  context: {
    summary: 'Manage contexts',
    verbs: {
      ls: { summary: 'List contexts', load: async () => (await import('./verbs/context.ts')).contextList },
      list: { summary: 'List contexts', load: async () => (await import('./verbs/context.ts')).contextList },
      inspect: {
        summary: 'Display detailed information on one or more contexts',
        load: async () => (await import('./verbs/context.ts')).contextInspect,
      },
      show: {
        summary: 'Print the name of the current context',
        load: async () => (await import('./verbs/context.ts')).contextShow,
      },
      use: {
        summary: 'Set the current context',
        load: async () => (await import('./verbs/context.ts')).contextUse,
      },
    },
  },
  builder: {
    summary: 'Manage builds',
    verbs: {
      build,
      prune: {
        summary: 'Remove build cache',
        load: async () => (await import('./verbs/prune.ts')).builderPrune,
      },
    },
  },
  system: {
    summary: 'Manage Sampan',
    verbs: {
      info: plain.info as Verb,
      events,
      start: {
        summary: 'Start the containers whose restart policy asks for it, as after a reboot',
        load: async () => (await import('./verbs/systemStart.ts')).systemStart,
      },
      df: { summary: 'Show disk usage', load: async () => (await import('./verbs/usage.ts')).diskUsage },
    },
  },
};

export interface FoundVerb {
  /** What was typed: `run`, `image ls`. */
  readonly name: string;
  readonly load: () => Promise<AnyCommand>;
  readonly args: readonly string[];
}

/** Finds the verb of a command line, and the help where none is named. Throws a failure for an unknown one. */
export function findVerb([first = 'help', ...rest]: readonly string[]): FoundVerb {
  if (first === 'help' || first === '--help' || first === '-h')
    return overviewOf('', { ...plain, ...groups });
  if (first === '-v' || first === '--version')
    return { name: first, load: async () => (await import('./verbs/version.ts')).versionLine, args: [] };
  const group = Object.hasOwn(groups, first) ? groups[first] : undefined;
  if (group === undefined) {
    const verb = Object.hasOwn(plain, first) ? plain[first] : undefined;
    if (verb === undefined) throw unknown(first);
    return { name: first, load: verb.load, args: rest };
  }
  const [second = '--help', ...args] = rest;
  if (second === '--help') return overviewOf(first, group.verbs);
  const verb = Object.hasOwn(group.verbs, second) ? group.verbs[second] : undefined;
  if (verb === undefined) throw unknown(`${first} ${second}`);
  return { name: `${first} ${second}`, load: verb.load, args };
}

function overviewOf(
  name: string,
  verbs: { readonly [name: string]: { readonly summary: string } },
): FoundVerb {
  const list = Object.entries(verbs).map(([verb, { summary }]) => ({ name: verb, summary }));
  return {
    name,
    load: async () => (await import('./verbs/help.ts')).overviewCommand(name, list),
    args: [],
  };
}

function unknown(name: string): Error {
  const [first, second] = name.split(' ');
  const message =
    second === undefined ? `unknown command: sampan ${first}` : `unknown command: sampan ${first} ${second}`;
  return new CliFailure(message, {
    hint: `Run 'sampan ${second === undefined ? '' : `${first} `}--help' for more information`,
  });
}
