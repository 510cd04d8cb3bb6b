import { bug } from '../../common/errors.ts';
import type { SeccompFilters } from '../container/seccomp.ts';
import type { ImageStore } from '../image/types.ts';
import type { Native } from '../native.ts';
import type { Networks } from '../network/networks.ts';
import type { Runtime } from '../runtime/types.ts';
import type { SnapshotStore } from '../snapshot/types.ts';
import type { Store } from '../store/store.ts';
import type { BuildCache } from './buildCache.ts';
import type { BuildContext } from './context.ts';
import type { EtcLooks } from './etcLooks.ts';
import type { Explainer } from './explain/explainer.ts';
import type { FailedSteps } from './failedSteps.ts';
import type { StepReporter } from './progress.ts';
import type { SecretSource, SshSource } from './types.ts';

/** The parts of the engine that builds stand on. */
export interface BuilderParts {
  readonly store: Store;
  readonly snapshots: SnapshotStore;
  readonly images: ImageStore;
  readonly runtime: Runtime;
  readonly native: Pick<Native, 'scanTree' | 'hashFiles' | 'lockFile'>;
  readonly networks: Pick<Networks, 'locate' | 'lease' | 'release'>;
  readonly seccomp: SeccompFilters;
  /** Layer with the places of the engine's own mounts, for the bottom of a step's overlay. */
  readonly mountPoints: () => Promise<string>;
  /** SAMPAN_RUN. */
  readonly run: string;
}

/** One build. */
export interface BuildRun extends BuilderParts {
  readonly cache: BuildCache;
  readonly context: BuildContext;
  /** Named contexts that are folders, by name in lower case. */
  readonly contexts: ReadonlyMap<string, BuildContext>;
  readonly secrets: { readonly [id: string]: SecretSource };
  readonly etcLooks: EtcLooks;
  readonly ssh: { readonly [id: string]: SshSource };
  /** Do not look for earlier results; new ones are kept all the same. */
  readonly noCache: boolean;
  readonly signal: AbortSignal;
  readonly report: StepReporter;
  readonly explainer: Explainer;
  /** Keeps a RUN that fails; undefined when nobody asks for it. */
  readonly failedSteps: FailedSteps | undefined;
}

/** The context that a source names. */
export function contextOf(run: BuildRun, name: string | undefined): BuildContext {
  const named = name === undefined ? run.context : run.contexts.get(name);
  return named ?? bug(`the context ${name} was planned but not opened`);
}
