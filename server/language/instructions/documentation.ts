// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the editor's snippets
import type { InstructionName } from '../syntax/tree.ts';

/** What the editor says about an instruction, all in Markdown. */
export interface InstructionDocumentation {
  readonly summary: string;
  /** The forms it can be written in; `[x]` is optional. */
  readonly forms: readonly string[];
  readonly example: string;
  /** What each flag does, and `value`, what goes behind its `=`. */
  readonly flags: { readonly [name: string]: FlagDocumentation };
}

export interface FlagDocumentation {
  readonly summary: string;
  /** A snippet of the value in the editor's syntax; absent for a switch. */
  readonly value?: string;
}

const ownership = {
  chown: {
    summary: 'Owner of what is copied, as names or numbers: `user`, `user:group`, `1000:1000`.',
    value: '${1:user}:${2:group}',
  },
  chmod: {
    summary: 'Permissions of what is copied, octal (`755`) or symbolic (`u=rwX,go=rX`).',
    value: '${1:755}',
  },
  link: {
    summary:
      'Copies into a layer of its own, which stays valid when layers below change. Links in the destination path are not followed.',
  },
  exclude: {
    summary: 'Leaves out files that match the pattern, as in `.dockerignore`. May be given several times.',
    value: '${1:pattern}',
  },
};

const healthcheckFlags = {
  interval: { summary: 'Time between two checks. Default 30 s.', value: '30s' },
  timeout: { summary: 'A check that takes longer counts as failed. Default 30 s.', value: '30s' },
  'start-period': {
    summary: 'Time to start up, in which failed checks do not count. Default 0 s.',
    value: '10s',
  },
  'start-interval': {
    summary: 'Time between two checks during the start period. Default 5 s.',
    value: '5s',
  },
  retries: { summary: 'So many failed checks in a row make the container unhealthy. Default 3.', value: '3' },
};

/** All instructions. */
export const instructionDocumentation: { readonly [Name in InstructionName]: InstructionDocumentation } = {
  ADD: {
    summary:
      'Copies files from the build context, from URLs or from git repositories into the image. Local archives (tar, gzip, bzip2, xz, zstd) are unpacked. Use `COPY` where none of this is wanted.',
    forms: ['ADD [flags] source... destination', 'ADD [flags] ["source", ..., "destination"]'],
    example: 'ADD --checksum=sha256:24454f830c… https://example.com/tool.tar.gz /opt/',
    flags: {
      ...ownership,
      checksum: {
        summary: 'Refuses the download when it has another digest (or, for git, another commit).',
        value: 'sha256:',
      },
      'keep-git-dir': { summary: 'Keeps the `.git` folder of a repository.' },
      unpack: {
        summary: 'Says whether archives are unpacked: local ones are by default, downloads are not.',
      },
    },
  },
  ARG: {
    summary:
      'Declares a variable of the build, which `--build-arg` may set. It holds until the stage ends and is no part of the environment of containers. Before the first `FROM` it is for `FROM` lines; a stage gets its value by declaring it again.',
    forms: ['ARG name[=default]...'],
    example: 'ARG VERSION=1.0',
    flags: {},
  },
  CMD: {
    summary:
      'What a container runs when nothing else is asked for; with an `ENTRYPOINT` its arguments. Only the last one counts.',
    forms: ['CMD ["program", "argument", ...]', 'CMD command'],
    example: 'CMD ["nginx", "-g", "daemon off;"]',
    flags: {},
  },
  COPY: {
    summary:
      'Copies files from the build context, another stage or another image into the image. Of a folder its content is copied. Missing folders of the destination are made.',
    forms: ['COPY [flags] source... destination', 'COPY [flags] ["source", ..., "destination"]'],
    example: 'COPY --from=build --chown=1000:1000 /src/app /usr/local/bin/',
    flags: {
      from: {
        summary:
          'Copies from a stage (by name or number), an image or a named context instead of the build context.',
        value: '${1:stage}',
      },
      ...ownership,
      parents: { summary: 'Keeps the folders of the sources; from `/./` on when a source has it.' },
    },
  },
  ENTRYPOINT: {
    summary:
      'The program that containers run; `CMD` or the arguments of `run` are appended to its JSON form. Only the last one counts.',
    forms: ['ENTRYPOINT ["program", "argument", ...]', 'ENTRYPOINT command'],
    example: 'ENTRYPOINT ["/usr/local/bin/server"]',
    flags: {},
  },
  ENV: {
    summary:
      'Sets environment variables for the instructions that follow and for containers. All values of one instruction see the variables from before it.',
    forms: ['ENV key=value...'],
    example: 'ENV PATH=/opt/app/bin:$PATH LANG=C.UTF-8',
    flags: {},
  },
  EXPOSE: {
    summary: 'Names ports that the program listens on. Publishing them is up to `run -p` or `run -P`.',
    forms: ['EXPOSE port[/protocol]...'],
    example: 'EXPOSE 80 443/tcp 8000-8010/udp',
    flags: {},
  },
  FROM: {
    summary:
      'Begins a stage from an image, from an earlier stage or from the empty image `scratch`. The last stage is what is built unless `--target` names another.',
    forms: ['FROM [--platform=platform] image[:tag][@digest] [AS name]'],
    example: 'FROM golang:1.24 AS build',
    flags: {
      platform: {
        summary: 'Platform of the image when it has several, such as `linux/arm64` or `$BUILDPLATFORM`.',
        value: '$1',
      },
    },
  },
  HEALTHCHECK: {
    summary:
      'A command that tells whether the container works: it ends with 0 when it does, with 1 when it does not. `NONE` switches off the check of the base image.',
    forms: ['HEALTHCHECK [flags] CMD command', 'HEALTHCHECK NONE'],
    example: 'HEALTHCHECK --interval=1m CMD curl -fsS http://localhost/ || exit 1',
    flags: healthcheckFlags,
  },
  LABEL: {
    summary: 'Adds metadata to the image.',
    forms: ['LABEL key=value...'],
    example: 'LABEL org.opencontainers.image.source="https://example.com/app"',
    flags: {},
  },
  MAINTAINER: {
    summary: 'Names the author. Deprecated: use `LABEL org.opencontainers.image.authors=`.',
    forms: ['MAINTAINER name'],
    example: 'MAINTAINER somebody@example.com',
    flags: {},
  },
  ONBUILD: {
    summary: 'An instruction for images that are built on this one: it runs right after their `FROM`.',
    forms: ['ONBUILD instruction'],
    example: 'ONBUILD COPY . /app',
    flags: {},
  },
  RUN: {
    summary:
      'Runs a command in the image that was made so far; what it changes is the next layer. The shell form is run by `SHELL`, by default `/bin/sh -c`.',
    forms: ['RUN [flags] command', 'RUN [flags] ["program", "argument", ...]', 'RUN [flags] <<EOF'],
    example: 'RUN --mount=type=cache,target=/var/cache/apt apt-get install -y curl',
    flags: {
      mount: {
        summary:
          'Mounts files for this command only: `bind` (files of the context, a stage or an image), `cache` (kept between builds), `secret`, `ssh` or `tmpfs`. May be given several times.',
        value: 'type=',
      },
      network: { summary: 'Network of the command: `default`, `none` or `host`.', value: 'none' },
      security: {
        summary: 'Isolation of the command: `sandbox` (the default) or `insecure`.',
        value: 'sandbox',
      },
      device: {
        summary: 'A CDI device that the command needs (labs syntax only).',
        value: '${1:name}',
      },
    },
  },
  SHELL: {
    summary: 'The shell that runs the shell form of the commands that follow.',
    forms: ['SHELL ["program", "argument", ...]'],
    example: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    flags: {},
  },
  STOPSIGNAL: {
    summary: 'The signal that asks a container to end, by name or number. Default `SIGTERM`.',
    forms: ['STOPSIGNAL signal'],
    example: 'STOPSIGNAL SIGQUIT',
    flags: {},
  },
  USER: {
    summary:
      'User, and with `:` group, of the commands that follow and of containers, by name or number. Names are looked up in the image.',
    forms: ['USER user[:group]'],
    example: 'USER 1000:1000',
    flags: {},
  },
  VOLUME: {
    summary: 'Paths that get a volume in every container: what is written there is no part of the container.',
    forms: ['VOLUME path...', 'VOLUME ["path", ...]'],
    example: 'VOLUME /var/lib/data',
    flags: {},
  },
  WORKDIR: {
    summary:
      'Working directory of the instructions that follow and of containers. It is made when missing; a relative path starts from the one before.',
    forms: ['WORKDIR path'],
    example: 'WORKDIR /app',
    flags: {},
  },
};

/** What the types of `--mount` are for. */
export const mountTypeDocumentation: { readonly [type: string]: string } = {
  bind: 'Files of the build context, or with `from` of a stage or an image; read-only unless `rw` is set, and then what is written is thrown away.',
  cache: 'A folder that is kept between builds, such as the cache of a package manager.',
  tmpfs: 'An empty folder in memory.',
  secret: 'A secret of the build as a file or, with `env`, as a variable. It is never part of the image.',
  ssh: "The ssh agent of the build's user.",
};

/** What the keys of `--mount` say, and for which types. */
export const mountKeyDocumentation: {
  readonly [key: string]: { readonly summary: string; readonly types: readonly string[] };
} = {
  type: { summary: 'Kind of mount; `bind` by default.', types: ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] },
  target: { summary: 'Path in the container.', types: ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] },
  source: { summary: 'Path in what is mounted; for a secret its id.', types: ['bind', 'cache', 'secret'] },
  from: { summary: 'Stage, image or named context to mount from.', types: ['bind', 'cache'] },
  id: {
    summary: 'Tells caches, secrets and agents apart; for a cache its target by default.',
    types: ['cache', 'secret', 'ssh'],
  },
  sharing: {
    summary: 'What two builds at once do with one cache: `shared`, `private` or `locked`.',
    types: ['cache'],
  },
  readonly: { summary: 'Nothing can be written.', types: ['bind', 'cache'] },
  readwrite: { summary: 'Can be written; for `bind` what is written is thrown away.', types: ['bind'] },
  required: { summary: 'The build fails when the secret or agent is missing.', types: ['secret', 'ssh'] },
  env: { summary: 'Variable that holds the secret.', types: ['secret'] },
  size: { summary: 'Most bytes that it may hold, such as `64m`.', types: ['tmpfs'] },
  mode: { summary: 'Permissions, octal.', types: ['cache', 'secret', 'ssh'] },
  uid: { summary: 'Owner as a number.', types: ['cache', 'secret', 'ssh'] },
  gid: { summary: 'Group as a number.', types: ['cache', 'secret', 'ssh'] },
};

/** What the parser directives do. */
export const directiveDocumentation: { readonly [name: string]: string } = {
  syntax: 'The Dockerfile frontend that builders with several are to use, such as `docker/dockerfile:1`.',
  escape:
    'The character that continues lines and escapes characters: `\\` (the default) or a backtick, which suits Windows paths.',
  check:
    'Which build checks apply: `skip=Rule,Rule` or `skip=all`, and `error=true` to fail the build on a warning.',
};
