import { posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { parseSignal } from '../../common/signals.ts';
import type {
  AddInstruction,
  ArgInstruction,
  CommandLine,
  CopyInstruction,
  EnvInstruction,
  ExposeInstruction,
  HealthcheckInstruction,
  Instruction,
  LabelInstruction,
  Mount,
  RunInstruction,
} from '../../language/index.ts';
import {
  createExpander,
  expandInstruction,
  parsePort,
  processWord,
  resolveMount,
  sourceKind,
} from '../../language/index.ts';
import type { Healthcheck } from '../image/types.ts';
import { parseChmod } from './chmod.ts';
import { cleanPath } from './cleanPath.ts';
import { goDuration, goList, goQuoteList } from './goFormat.ts';

import type { CopyItem, CopyNode, Lines, MountSource, NodeId, PlanNode, PlannedMount } from './planTypes.ts';
import { runHistory, runScript } from './runCommand.ts';
import type { StageState } from './stageState.ts';

/** What an instruction needs to know beyond its stage. */
export interface OpContext {
  readonly state: StageState;
  readonly escape: '\\' | '`';
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly globals: ReadonlyMap<string, string>;
  readonly network: 'default' | 'none' | 'host';
  readonly extraHosts: readonly string[];
  readonly allow: ReadonlySet<string> | undefined;
  readonly fresh: boolean;
  readonly epochSeconds: number | undefined;
  /** `[stage 2/5] ` and the next number. */
  stepName(text: string): string;
  readonly stage: string;
  /** Lines to report: those of FROM for a trigger. */
  linesOf(instruction: Instruction): Lines;
  addNode(make: (id: NodeId) => PlanNode): NodeId;
  /** What `--from` or `from=` names. */
  source(from: string, lines: Lines): CopyNode['from'];
}

/** Apply one instruction to its stage: config, history, and the operation if it has one. */
export function applyInstruction(written: Instruction, context: OpContext): void {
  const { state } = context;
  const instruction = expandInstruction(written, createExpander(state.env, { escapeToken: context.escape }));
  switch (instruction.kind) {
    case 'ARG':
      applyArg(instruction, context);
      break;
    case 'ENV':
      applyEnv(instruction, state);
      break;
    case 'LABEL':
      applyLabel(instruction, state);
      break;
    case 'EXPOSE':
      applyExpose(instruction, state);
      break;
    case 'RUN':
      applyRun(instruction, context);
      break;
    case 'COPY':
    case 'ADD':
      applyCopy(instruction, context);
      break;
    case 'WORKDIR':
      applyWorkdir(instruction.path.text, {
        context,
        lines: context.linesOf(instruction),
        source: instruction.node.source,
      });
      break;
    case 'HEALTHCHECK':
      applyHealthcheck(instruction, state);
      break;
    case 'CMD':
      state.config.Cmd = commandArgs(instruction.command, state);
      state.commandSet = true;
      state.record(`CMD ${goQuoteList(state.config.Cmd)}`);
      break;
    case 'ENTRYPOINT':
      state.config.Entrypoint = commandArgs(instruction.command, state);
      if (!state.commandSet) delete state.config.Cmd;
      state.record(`ENTRYPOINT ${goQuoteList(state.config.Entrypoint)}`);
      break;
    case 'SHELL':
      state.config.Shell = instruction.words.map(word => word.text);
      state.record(`SHELL ${goList(state.config.Shell)}`);
      break;
    case 'USER':
      state.config.User = instruction.user.text;
      state.record(`USER ${instruction.user.text}`);
      break;
    case 'VOLUME':
      applyVolume(
        instruction.paths.map(path => path.text),
        state,
      );
      break;
    case 'STOPSIGNAL':
      applyStopSignal(instruction.signal.text, state);
      break;
    case 'ONBUILD':
      state.config.OnBuild = [...(state.config.OnBuild ?? []), instruction.expression];
      break;
    case 'MAINTAINER':
      state.author = instruction.maintainer.text;
      state.record(`MAINTAINER ${state.author}`);
      break;
    case 'FROM':
      throw new SampanError('dockerfile-invalid', 'FROM is not allowed here.');
  }
}

function expand(text: string, context: OpContext): string {
  return processWord(text, { env: context.state.env, escapeToken: context.escape }).text;
}

/** `ARG a=1 b=$a`: one after the other. A build argument wins over the default, that over a global of the same name. */
function applyArg(instruction: ArgInstruction, context: OpContext): void {
  const { state } = context;
  const shown: string[] = [];
  for (const { key: keyWord, value: valueWord } of instruction.declarations) {
    const key = expand(keyWord.text, context);
    const fallback = valueWord === undefined ? context.globals.get(key) : undefined;
    const value = context.buildArgs.get(key) ?? (valueWord ? expand(valueWord.text, context) : fallback);
    if (value !== undefined) state.setVariable(key, value);
    state.args.push({ key, value });
    shown.push(value === undefined ? key : `${key}=${value}`);
  }
  state.record(`ARG ${shown.join(' ')}`);
}

function pairsOf({ pairs }: EnvInstruction | LabelInstruction): readonly (readonly [string, string])[] {
  return pairs.map(pair => [pair.key.text, pair.value.text] as const);
}

function applyEnv(instruction: EnvInstruction, state: StageState): void {
  const pairs = pairsOf(instruction);
  for (const [name, value] of pairs) state.setEnv(name, value);
  state.record(`ENV ${pairs.map(pair => pair.join('=')).join(' ')}`);
}

function applyLabel(instruction: LabelInstruction, state: StageState): void {
  const pairs = pairsOf(instruction);
  state.config.Labels = { ...state.config.Labels, ...Object.fromEntries(pairs) };
  state.record(`LABEL ${pairs.map(pair => pair.join('=')).join(' ')}`);
}

function applyExpose(instruction: ExposeInstruction, state: StageState): void {
  const ports = instruction.ports.map(parsePort);
  const wrong = ports.find(port => port.error !== undefined);
  if (wrong) {
    throw new SampanError('dockerfile-invalid', `EXPOSE cannot take "${wrong.word.text}": ${wrong.error}.`, {
      hint: 'Write a port or a range with an optional protocol, e.g. 80, 53/udp or 8000-8010.',
    });
  }
  const exposed = [...new Set(ports.flatMap(port => port.ports))].sort();
  state.config.ExposedPorts = {
    ...state.config.ExposedPorts,
    ...Object.fromEntries(exposed.map(port => [port, {}])),
  };
  state.record(`EXPOSE ${goList(exposed)}`);
}

function applyVolume(paths: readonly string[], state: StageState): void {
  if (paths.includes('')) {
    throw new SampanError('dockerfile-invalid', 'VOLUME specified can not be an empty string.');
  }
  state.config.Volumes = { ...state.config.Volumes, ...Object.fromEntries(paths.map(path => [path, {}])) };
  state.record(`VOLUME ${goList(paths)}`);
}

function applyStopSignal(signal: string, state: StageState): void {
  if (parseSignal(signal) === undefined) {
    throw new SampanError('dockerfile-invalid', `Invalid signal: ${signal}.`, {
      hint: 'Write a name such as SIGTERM or RTMIN+3, or a number from 1 to 64.',
    });
  }
  state.config.StopSignal = signal;
  state.record(`STOPSIGNAL ${signal}`);
}

function applyHealthcheck(instruction: HealthcheckInstruction, state: StageState): void {
  const { command } = instruction;
  const words = command?.words.map(word => word.text) ?? [];
  const test = command ? [command.form === 'shell' ? 'CMD-SHELL' : 'CMD', ...words] : ['NONE'];
  const { interval, timeout, startPeriod, startInterval, retries } = instruction;
  const check: Healthcheck = {
    Test: test,
    ...(interval ? { Interval: interval } : {}),
    ...(timeout ? { Timeout: timeout } : {}),
    ...(startPeriod ? { StartPeriod: startPeriod } : {}),
    ...(startInterval ? { StartInterval: startInterval } : {}),
    ...(retries ? { Retries: retries } : {}),
  };
  state.config.Healthcheck = check;
  const times = `Interval:${goDuration(interval)} Timeout:${goDuration(timeout)} StartPeriod:${goDuration(startPeriod)} StartInterval:${goDuration(startInterval)}`;
  state.record(`HEALTHCHECK {Test:${goList(test)} ${times} Retries:${retries}}`);
}

function commandArgs(command: CommandLine, state: StageState): readonly string[] {
  const words = command.words.map(word => word.text);
  return command.form === 'shell' ? [...state.shell, words.join(' ')] : words;
}

/** Ask for the directory, so that it exists and belongs to the stage's user. `/` is always there. */
function applyWorkdir(
  text: string,
  { context, lines, source }: { readonly context: OpContext; readonly lines: Lines; readonly source: string },
): void {
  const { state } = context;
  const path = absolutePath(text, state.workingDir);
  const name = stepText(source, context);
  state.config.WorkingDir = path;
  if (path === '/') {
    state.record('WORKDIR /');
    return;
  }
  state.top = context.addNode(id => ({
    kind: 'mkdir',
    id,
    name: context.stepName(name),
    stage: context.stage,
    lines,
    fresh: context.fresh,
    variables: usedVariables(source, state.declared),
    input: state.top,
    path,
    user: state.config.User ?? '',
    epochSeconds: context.epochSeconds,
  }));
  state.record(`WORKDIR ${path}`, state.top);
}

function applyRun(instruction: RunInstruction, context: OpContext): void {
  const { state } = context;
  const lines = context.linesOf(instruction);
  refuseHost(instruction, context.allow);
  const script = runScript(instruction, state.shell);
  const mounts = instruction.mounts.map(flag => {
    const mount = resolveMount(flag, word => expand(word, context));
    return planMount(mount, { context, lines });
  });
  const shown = { rawQuotes: true, skipUnsetEnv: true };
  const name = stepText(instruction.node.source, context, shown) + script.summary;
  const input = state.top;
  state.top = context.addNode(id => ({
    kind: 'exec',
    id,
    name: context.stepName(name),
    stage: context.stage,
    lines,
    fresh: context.fresh,
    variables: state.declared,
    input,
    args: script.args,
    env: [...state.env].map(pair => pair.join('=')),
    proxyEnv: proxyVariables(context.buildArgs),
    cwd: state.workingDir,
    user: state.config.User ?? '',
    hostname:
      context.buildArgs.get('BUILDKIT_SANDBOX_HOSTNAME') ??
      context.globals.get('BUILDKIT_SANDBOX_HOSTNAME') ??
      'buildkitsandbox',
    network: instruction.network === 'default' ? context.network : instruction.network,
    security: instruction.security,
    extraHosts: context.extraHosts,
    mounts,
    scripts: script.files,
  }));
  state.record(runHistory(script.historyArgs, state), state.top);
}

/** What a step wants beyond its sandbox must be granted by the user; devices of the host never are. */
function refuseHost(instruction: RunInstruction, allow: ReadonlySet<string> | undefined): void {
  if (instruction.network === 'host' && !allow?.has('network.host')) {
    throw new SampanError('invalid-argument', 'network.host is not allowed.', {
      hint: 'Grant it to this build with --allow network.host.',
    });
  }
  if (instruction.security === 'insecure' && !allow?.has('security.insecure')) {
    throw new SampanError('invalid-argument', 'security.insecure is not allowed.', {
      hint: 'Grant it to this build with --allow security.insecure: the step is then confined by its namespaces alone.',
    });
  }
  const device = instruction.devices.find(one => one.required);
  if (device) {
    throw new SampanError('unsupported', `The device ${device.name} is not available to build steps.`, {
      hint: 'Remove --device from this RUN: an image must not depend on the devices of a host.',
    });
  }
}

function planMount(
  mount: Mount,
  { context, lines }: { readonly context: OpContext; readonly lines: Lines },
): PlannedMount {
  const target = mountTarget(mount, context.state.workingDir);
  return { mount, target, from: mountSource(mount, { context, lines }) };
}

/** Empty for what is not mounted: a secret that is only a variable. */
function mountTarget(mount: Mount, workingDir: string): string {
  if (mount.target !== undefined) return cleanPath(posix.resolve(workingDir, mount.target));
  if (mount.type === 'ssh' || mount.env !== undefined) return '';
  if (mount.type === 'secret') return `/run/secrets/${posix.basename(mount.id ?? mount.source ?? '')}`;
  return workingDir;
}

function mountSource(
  mount: Mount,
  { context, lines }: { readonly context: OpContext; readonly lines: Lines },
): MountSource {
  if (mount.type !== 'bind' && mount.type !== 'cache') return { kind: 'none' };
  if (mount.from !== undefined) return context.source(mount.from, lines);
  return mount.type === 'bind' ? { kind: 'context', name: undefined } : { kind: 'none' };
}

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];

/** Both spellings of every proxy variable that was given. */
function proxyVariables(buildArgs: ReadonlyMap<string, string>): readonly string[] {
  return proxyNames.flatMap(name => {
    const value = buildArgs.get(name) ?? buildArgs.get(name.toLowerCase());
    return value === undefined ? [] : [`${name}=${value}`, `${name.toLowerCase()}=${value}`];
  });
}

function applyCopy(instruction: CopyInstruction | AddInstruction, context: OpContext): void {
  const { state } = context;
  const lines = context.linesOf(instruction);
  const add = instruction.kind === 'ADD' ? instruction : undefined;
  const copy = instruction.kind === 'COPY' ? instruction : undefined;
  const chown = instruction.chown?.text;
  const chmod = instruction.chmod?.text;
  if (chmod) parseChmod(chmod);
  const destination = instruction.destination.text;
  const items = copyItems(instruction);
  if (add?.checksum) refuseLocalChecksum(items);
  const from: CopyNode['from'] = copy?.from
    ? context.source(copy.from.text, lines)
    : { kind: 'context', name: undefined };
  const input = state.top;
  const checksum = add?.checksum?.text;
  state.top = context.addNode(id => ({
    kind: 'copy',
    id,
    name: context.stepName(stepText(instruction.node.source, context)),
    stage: context.stage,
    lines,
    fresh: context.fresh,
    variables: usedVariables(instruction.node.source, state.declared),
    instruction: instruction.kind,
    input,
    from,
    items,
    destination: copyDestination(destination, state.workingDir),
    chown: chown || undefined,
    chmod: chmod || undefined,
    link: instruction.link,
    parents: copy?.parents ?? false,
    exclude: instruction.exclude.map(word => word.text),
    checksum: checksum || undefined,
    keepGitDir: add?.keepGitDir ?? false,
    unpack: add?.unpack,
  }));
  const flags = `${copy?.parents ? ' --parents' : ''}${chown ? ` --chown=${chown}` : ''}${chmod ? ` --chmod=${chmod}` : ''}`;
  const shown = [
    ...items.map(item =>
      item.kind === 'inline' ? `<<${item.name}` : item.kind === 'path' ? item.source : item.url,
    ),
    destination,
  ];
  state.record(`${instruction.kind}${flags} ${shown.join(' ')} # buildkit`, state.top);
}

function refuseLocalChecksum(items: readonly CopyItem[]): void {
  if (items.every(item => item.kind === 'url' || item.kind === 'git')) return;
  throw new SampanError('dockerfile-invalid', "checksum can't be specified for non-HTTP(S) sources", {
    hint: 'Remove --checksum: the content of local files is part of the build cache key anyway.',
  });
}

function copyItems(instruction: CopyInstruction | AddInstruction): readonly CopyItem[] {
  const sources = instruction.sources.map((word): CopyItem => {
    const source = word.text;
    const kind = sourceKind(source);
    if (kind === 'path') return { kind, source };
    if (instruction.kind === 'ADD') return { kind, url: source };
    throw new SampanError('dockerfile-invalid', `COPY cannot take a URL as its source: ${source}.`, {
      hint: 'Use ADD to download a file.',
    });
  });
  const inline = instruction.inlineFiles.map(
    ({ name, content }): CopyItem => ({ kind: 'inline', name, content }),
  );
  return [...sources, ...inline];
}

/** Absolute and clean, but a trailing slash is kept (BuildKit util/system NormalizePath with keepSlash). */
function absolutePath(text: string, workingDir: string): string {
  const path = cleanPath(posix.resolve(workingDir, text));
  return text.endsWith('/') && path !== '/' ? `${path}/` : path;
}

/** As {@link absolutePath}; `.` is a directory too. */
function copyDestination(text: string, workingDir: string): string {
  const directory = text === '' || text === '.' || text.endsWith('/.');
  return absolutePath(directory ? `${text}/` : text, workingDir);
}

/** Of some variables those that a text names as `$NAME` or in braces. */
export function usedVariables(
  text: string,
  variables: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const named = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
  return Object.fromEntries(Object.entries(variables).filter(([name]) => named.has(name)));
}

/** The instruction as a build shows it: keyword in capitals, known variables replaced; RUN keeps its quotes. */
function stepText(
  source: string,
  context: OpContext,
  quotes: { readonly rawQuotes?: boolean; readonly skipUnsetEnv?: boolean } = {},
): string {
  const space = source.search(/\s/);
  const text =
    space === -1 ? source.toUpperCase() : source.slice(0, space).toUpperCase() + source.slice(space);
  try {
    return processWord(text, {
      env: context.state.env,
      escapeToken: context.escape,
      ...quotes,
    }).text;
  } catch {
    return text;
  }
}
