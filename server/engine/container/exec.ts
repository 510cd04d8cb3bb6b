import { randomBytes } from 'node:crypto';
import { SampanError } from '../../common/errors.ts';
import type { ProcessSpec, StartedExec } from '../runtime/types.ts';
import { lookUpUser } from './account.ts';
import { resolveCapabilities } from './capabilities.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { overlayEnvironment } from './environment.ts';
import { actorOf, tell } from './events.ts';
import { isRunning } from './exit.ts';
import { refusePaused } from './pause.ts';
import type { RunRecord } from './record.ts';
import { RootfsView } from './rootfsView.ts';
import { resolveSecurity } from './security.ts';
import type { ContainerFacts } from './state.ts';
import { notRunning } from './stop.ts';
import type { ExecOptions } from './types.ts';
import { resolveUlimits } from './ulimits.ts';
import type { ResolvedUser } from './user.ts';

/**
 * One more process in a running container: its environment with `options.env` over it, the config's working
 * directory and user unless given, and its limits and filter.
 *
 * @throws SampanError `not-running`, `invalid-argument`
 */
export async function execInContainer(
  context: ContainerContext,
  id: string,
  options: ExecOptions,
): Promise<StartedExec> {
  const facts = await requireFacts(context, id);
  if (facts.state?.status === 'restarting' && facts.monitorAlive) throw isRestarting(facts.record.name);
  if (!isRunning(facts) || !facts.run) throw notRunning(facts.record.name);
  refusePaused(facts, 'exec');
  if (options.args.length === 0)
    throw new SampanError('invalid-argument', 'No exec command specified.', {
      hint: 'Give the command after the container.',
    });
  const name = `e${randomBytes(4).toString('hex')}`;
  const command = options.args.join(' ');
  for (const act of ['create', 'start'])
    tell(context, facts.record, { action: `exec_${act}: ${command}`, execID: name });
  // Its end is told by another process, and must come later.
  const [user] = await Promise.all([execUser(context, facts, options.user), context.journal.settled()]);
  const { run } = facts;
  return context.runtime.startExec({
    container: facts.state.process,
    runDirectory: context.registry.runDirectory(id),
    name,
    process: processSpec(facts, { run, user, options }),
    openStdin: options.openStdin,
    waitForAttach: options.waitForAttach,
    cgroups: run.cgroups,
    seccompFilter: options.privileged ? undefined : run.seccompFilter,
    events: {
      journal: context.store.paths.events,
      actor: actorOf(facts.record),
      directory: facts.directory,
      id,
    },
  });
}

/** The container's own user is known; another one is looked up in its files as they are now. */
async function execUser(
  context: ContainerContext,
  facts: ContainerFacts,
  wanted: string | undefined,
): Promise<ResolvedUser> {
  const own = facts.record.config.User ?? '';
  if (facts.run && (wanted === undefined || wanted === own)) return facts.run.user;
  const view = new RootfsView(context, facts.record.id);
  try {
    return await lookUpUser(view, wanted ?? own, facts.record.options.groupAdd ?? []);
  } finally {
    await view.close();
  }
}

function processSpec(
  { record }: ContainerFacts,
  input: { readonly run: RunRecord; readonly user: ResolvedUser; readonly options: ExecOptions },
): ProcessSpec {
  const { run, user, options } = input;
  const security = resolveSecurity(record.options.securityOpt);
  return {
    args: options.args,
    env: execEnvironment(run, { config: record.config.Env ?? [], user, options }),
    cwd: options.workingDir || record.config.WorkingDir || '/',
    createCwd: false,
    uid: user.uid,
    gid: user.gid,
    groups: user.groups,
    tty: options.tty,
    ...(options.ttySize ? { ttySize: options.ttySize } : {}),
    capabilities: options.privileged
      ? resolveCapabilities(['ALL'], [])
      : resolveCapabilities(record.options.capAdd ?? [], record.options.capDrop ?? []),
    noNewPrivileges: security.noNewPrivileges && !options.privileged,
    rlimits: resolveUlimits(record.options.ulimits),
    ...(record.options.oomScoreAdj ? { oomScoreAdj: record.options.oomScoreAdj } : {}),
  };
}

/** HOME is the exec user's unless the config or the caller says otherwise. */
function execEnvironment(
  run: RunRecord,
  input: { config: readonly string[]; user: ResolvedUser; options: ExecOptions },
): readonly string[] {
  const configured = input.config.some(variable => /^HOME=./.test(variable));
  const home = configured ? [] : [`HOME=${input.user.home}`];
  const terminal = input.options.tty ? ['TERM=xterm'] : [];
  const base = overlayEnvironment([...terminal, ...run.env], home);
  return overlayEnvironment(base, input.options.env ?? []);
}

function isRestarting(name: string): SampanError {
  return new SampanError(
    'not-running',
    `Container ${name} is restarting, wait until the container is running.`,
    { hint: `See why it ends: sampan logs ${name}` },
  );
}
