import type { RunProfile } from './commands/runProfile.ts';

/** Every id that package.json and the code share; a test holds the two against each other. */

export const commandIds = [
  'sampan.build',
  'sampan.buildToHere',
  'sampan.buildWithOptions',
  'sampan.buildAndRun',
  'sampan.builds.openLog',
  'sampan.builds.showFailure',
  'sampan.builds.again',
  'sampan.builds.clear',
  'sampan.image.run',
  'sampan.image.runInteractive',
  'sampan.image.runWithOptions',
  'sampan.image.pull',
  'sampan.image.push',
  'sampan.image.load',
  'sampan.image.save',
  'sampan.image.tag',
  'sampan.image.history',
  'sampan.image.inspect',
  'sampan.image.copyReference',
  'sampan.image.copyId',
  'sampan.image.remove',
  'sampan.container.start',
  'sampan.container.stop',
  'sampan.container.restart',
  'sampan.container.kill',
  'sampan.container.remove',
  'sampan.container.logs',
  'sampan.container.logDocument',
  'sampan.container.attach',
  'sampan.container.shell',
  'sampan.container.exec',
  'sampan.container.openInBrowser',
  'sampan.container.inspect',
  'sampan.container.changes',
  'sampan.container.rename',
  'sampan.container.commit',
  'sampan.container.export',
  'sampan.container.copyName',
  'sampan.container.copyId',
  'sampan.container.copyRunCommand',
  'sampan.volume.create',
  'sampan.volume.inspect',
  'sampan.volume.copyName',
  'sampan.volume.remove',
  'sampan.network.inspect',
  'sampan.network.copyAddress',
  'sampan.image.untag',
  'sampan.files.addFolder',
  'sampan.files.newFile',
  'sampan.files.newFolder',
  'sampan.files.rename',
  'sampan.files.delete',
  'sampan.files.selectForCompare',
  'sampan.files.compareWithSelected',
  'sampan.files.save',
  'sampan.files.copyPath',
  'sampan.files.showChange',
  'sampan.step.show',
  'sampan.map.open',
  'sampan.prune',
  'sampan.refresh',
  'sampan.server.restart',
  'sampan.server.showLog',
] as const;

export type CommandId = (typeof commandIds)[number];

/** Commands that run what a workspace says; they wait for the user's trust in it. */
export const trustedCommandIds: ReadonlySet<CommandId> = new Set<CommandId>([
  'sampan.build',
  'sampan.buildToHere',
  'sampan.buildWithOptions',
  'sampan.buildAndRun',
  'sampan.builds.again',
  'sampan.image.run',
  'sampan.image.runInteractive',
  'sampan.image.runWithOptions',
  'sampan.container.start',
  'sampan.container.restart',
  'sampan.container.shell',
  'sampan.container.exec',
]);

export const viewContainerId = 'sampan';

export const viewIds = [
  'sampan.containers',
  'sampan.images',
  'sampan.volumes',
  'sampan.links',
  'sampan.builds',
  'sampan.step',
] as const;

export type ViewId = (typeof viewIds)[number];

/** The view that has the row with this id at its top: `container/…` is in `sampan.containers`. */
export function viewOfRow(id: string): ViewId | undefined {
  const kind = id.slice(0, id.indexOf('/'));
  return viewIds.find(view => view === `sampan.${kind}s`);
}

/** Context key with a {@link import('./connection.ts').ConnectionState}; the welcome views and menus read it. */
export const stateContextKey = 'sampan.state';

/** Context key: the Step view has something to show. */
export const stepContextKey = 'sampan.step';

/**
 * Context key that says why containers cannot be run here: the kernel's setting that would have to change
 * (`kernel.unprivileged_userns_clone=1`), `other`, or nothing while they can.
 */
export const isolationContextKey = 'sampan.isolation';

/** Settings and what `WorkspaceConfiguration.get` gives for them. */
export interface Settings {
  'sampan.build.contextFolder': string;
  'sampan.build.noCache': boolean;
  'sampan.build.showResults': boolean;
  'sampan.run.publishAddress': string;
  'sampan.run.removeOnExit': boolean;
  'sampan.run.profiles': readonly RunProfile[];
  'sampan.logs.tail': number;
  'sampan.codeLens.enabled': boolean;
  'sampan.language.assistance': boolean;
  'sampan.inlayHints.stages': boolean;
  'sampan.inlayHints.variables': boolean;
  'sampan.shellcheck.enabled': boolean;
  'sampan.shellcheck.path': string;
}

/** The keys of {@link Settings}; forgetting one does not compile. */
export const settingIds = Object.keys({
  'sampan.build.contextFolder': true,
  'sampan.build.noCache': true,
  'sampan.build.showResults': true,
  'sampan.run.publishAddress': true,
  'sampan.run.removeOnExit': true,
  'sampan.run.profiles': true,
  'sampan.logs.tail': true,
  'sampan.codeLens.enabled': true,
  'sampan.language.assistance': true,
  'sampan.inlayHints.stages': true,
  'sampan.inlayHints.variables': true,
  'sampan.shellcheck.enabled': true,
  'sampan.shellcheck.path': true,
} satisfies Record<keyof Settings, true>) as (keyof Settings)[];
