import * as vscode from 'vscode';
import type { BuildHistory } from '../build/buildHistory.ts';
import type { Connection } from '../connection.ts';
import { stateContextKey, type ViewId } from '../contributions.ts';
import { buildItems } from './buildItems.ts';
import { containerItems } from './containerItems.ts';
import { damagedItems } from './damagedItems.ts';
import { imageItems } from './imageItems.ts';
import { Isolation } from './isolation.ts';
import type { Item } from './item.ts';
import { linkItems } from './linkItems.ts';
import { ObjectView, type ObjectViewOptions } from './objectView.ts';
import type { Row } from './rows.ts';
import { volumeItems } from './volumeItems.ts';
import { countText } from './words.ts';

const isolation = new Isolation();

const definitions: readonly ObjectViewOptions[] = [
  {
    id: 'sampan.containers',
    kinds: ['container'],
    load: async connection => {
      void isolation.publish(connection);
      const { containers, damaged } = await connection.request('sampan/container/list', { all: true });
      return [...damagedItems(damaged), ...containerItems(containers)];
    },
    onItems: showRunningCount,
  },
  {
    id: 'sampan.images',
    kinds: ['image', 'container'],
    load: async connection => {
      const { images, damaged } = await connection.request('sampan/image/list', {});
      return [...damagedItems(damaged), ...imageItems(images)];
    },
  },
  {
    id: 'sampan.volumes',
    kinds: ['volume', 'container'],
    load: async connection => {
      const { volumes, damaged } = await connection.request('sampan/volume/list', {});
      return [...damagedItems(damaged), ...volumeItems(volumes)];
    },
  },
  {
    id: 'sampan.links',
    kinds: ['network', 'container'],
    load: async connection => {
      const [{ networks, damaged }, { containers }] = await Promise.all([
        connection.request('sampan/network/list', {}),
        connection.request('sampan/container/list', { all: true }),
      ]);
      return [...damagedItems(damaged), ...linkItems(networks, containers)];
    },
  },
];

/** What the Step view shows: the instruction that was asked for last. */
export interface ShownStep {
  items: readonly Item[];
}

/** The views by id, and the context key that their welcome texts read. */
export function createViews(
  {
    connection,
    shownStep,
    history,
  }: {
    readonly connection: Connection;
    readonly shownStep: ShownStep;
    readonly history: BuildHistory;
  },
  subscriptions: vscode.Disposable[],
): ReadonlyMap<ViewId, ObjectView> {
  const step: ObjectViewOptions = { id: 'sampan.step', kinds: [], load: async () => shownStep.items };
  const builds: ObjectViewOptions = {
    id: 'sampan.builds',
    kinds: [],
    load: async () => buildItems(history.builds),
  };
  const views = new Map(
    [...definitions, builds, step].map(options => [options.id, new ObjectView(connection, options)]),
  );
  const publishState = () => vscode.commands.executeCommand('setContext', stateContextKey, connection.state);
  void publishState();
  subscriptions.push(
    history.onDidChange(() => views.get('sampan.builds')?.refresh()),
    ...views.values(),
    connection.onDidChangeState(publishState),
  );
  return views;
}

function showRunningCount(view: vscode.TreeView<Row>, items: readonly Item[]): void {
  const running = items.filter(
    ({ subject }) => subject.kind === 'container' && subject.container.status === 'running',
  ).length;
  view.badge =
    running === 0 ? undefined : { value: running, tooltip: `${countText(running, 'container')} running` };
}
