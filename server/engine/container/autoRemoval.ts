import { isSampanError } from '../../common/errors.ts';
import { SIGKILL } from '../../common/signals.ts';
import { unlessDamaged } from '../store/damage.ts';
import type { ContainerContext } from './context.ts';
import { isRunning, waitForExit } from './exit.ts';
import { removeGroups } from './groups.ts';
import { letGoOn } from './pause.ts';
import { finishRemoval, isOver, removeIfOver } from './remove.ts';
import { type ContainerFacts, describeContainer } from './state.ts';

interface Watch {
  readonly done: Promise<void>;
  readonly stop: AbortController;
}

/** Exit codes of removed containers that are remembered for those who ask late. */
const rememberedMax = 1000;

/**
 * Removes `--rm` containers once they are over. Every server watches those that it started and those that it
 * found running when it opened; removing is done under the container's lock, so several may try.
 */
export class AutoRemoval {
  readonly #context: ContainerContext;
  readonly #watched = new Map<string, Watch>();
  readonly #exitCodes = new Map<string, number>();
  #closed = false;

  constructor(context: ContainerContext) {
    this.#context = context;
  }

  /** Remove the container when it is over; nothing for one without `--rm`. */
  watch(id: string): void {
    if (this.#watched.has(id) || this.#closed) return;
    const stop = new AbortController();
    const done = this.#follow(id, stop.signal)
      .catch(error => {
        if (!isSampanError(error, 'cancelled'))
          this.#context.log('warn', `Removing the container ${id.slice(0, 12)} failed: ${String(error)}`);
      })
      .finally(() => {
        if (this.#watched.get(id)?.stop === stop) this.#watched.delete(id);
      });
    this.#watched.set(id, { done, stop });
  }

  /** Stop watching, for whoever removes it now; two that do would read and lock everything twice. False: it was not watched. */
  unwatch(id: string): boolean {
    const watch = this.#watched.get(id);
    watch?.stop.abort();
    return this.#watched.delete(id);
  }

  /** As `watch` for one that should be over by now, done when it is removed; false when it is not over. */
  async removeNow(id: string): Promise<boolean> {
    const facts = await unlessDamaged(this.#context.registry.facts(id));
    if (!facts || !isOver(facts)) return false;
    this.#remember(facts);
    await removeIfOver(this.#context, id);
    return true;
  }

  /** The exit code of a container that was removed here, by full id. */
  exitCodeOf(id: string): number | undefined {
    return this.#exitCodes.get(id);
  }

  /** Finish removals that a crash cut short, end processes whose monitor is gone, and watch the rest. */
  async recover(): Promise<void> {
    const { registry, log } = this.#context;
    for (const id of await registry.ids())
      await this.#recoverOne(id).catch(error =>
        log('warn', `Tidying the container ${id.slice(0, 12)} failed: ${String(error)}`),
      );
  }

  async #recoverOne(id: string): Promise<void> {
    // Damage is told by whoever lists containers; a removal that had begun goes on all the same.
    const facts = await unlessDamaged(this.#context.registry.facts(id));
    if (facts) await this.#endOrphan(facts);
    await finishRemoval(this.#context, id);
    if (facts?.record.options.autoRemove && !facts.removing && (facts.state || facts.failure)) this.watch(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const watches = [...this.#watched.values()];
    for (const { stop } of watches) stop.abort();
    await Promise.all(watches.map(({ done }) => done));
  }

  async #follow(id: string, signal: AbortSignal): Promise<void> {
    const facts = await this.#context.registry.facts(id);
    if (!facts?.record.options.autoRemove) return;
    const over = await waitForExit(this.#context, id, { signal });
    if (over && over !== 'timeout') this.#remember(over);
    await removeIfOver(this.#context, id);
  }

  #remember(facts: ContainerFacts): void {
    const { exitCode } = describeContainer(facts);
    if (exitCode === undefined) return;
    this.#exitCodes.set(facts.record.id, exitCode);
    const oldest = this.#exitCodes.keys().next().value;
    if (this.#exitCodes.size > rememberedMax && oldest !== undefined) this.#exitCodes.delete(oldest);
  }

  /** A process that outlived its monitor has neither log nor exit code: it must not go on unseen. */
  async #endOrphan(facts: ContainerFacts): Promise<void> {
    if (facts.state?.status !== 'running' || isRunning(facts)) return;
    if (this.#context.native.isAlive(facts.state.process))
      await this.#context.runtime.signal(facts.state.process, SIGKILL);
    await letGoOn(this.#context, facts);
    await removeGroups(this.#context, facts.record.id);
  }
}
