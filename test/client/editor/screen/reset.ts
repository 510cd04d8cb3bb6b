import { cpSync } from 'node:fs';
import type { Setting } from './chapter.ts';
import type { Workbench } from './workbench.ts';

/** Brings window, workspace and store to where a chapter begins. */
export async function reset(setting: Setting, sample: string): Promise<void> {
  const { workbench, sampan, workspace } = setting;
  await closeEverything(workbench);
  empty(sampan, { list: ['ps', '-aq'], remove: ['rm', '-f', '-v'] });
  empty(sampan, { list: ['volume', 'ls', '-q'], remove: ['volume', 'rm'] });
  empty(sampan, { list: ['images', '--format', '{{.Repository}}:{{.Tag}}'], remove: ['rmi'] });
  cpSync(sample, workspace, { recursive: true });
  await workbench.openSideBar();
  // What a chapter does not need takes the room of what it does.
  await workbench.showOnly('Containers');
  await workbench.expand('Images');
}

/** Removes all but the base image. */
function empty(
  sampan: Setting['sampan'],
  { list, remove }: { readonly list: readonly string[]; readonly remove: readonly string[] },
): void {
  const found = sampan(list).split('\n').filter(Boolean);
  const others = found.filter(name => name !== 'busybox:latest' && !name.startsWith('<none>'));
  if (others.length > 0) sampan([...remove, ...others]);
}

async function closeEverything(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  for (let times = 0; times < 3; times++) await page.keyboard.press('Escape');
  for (const tab = page.locator('.tab.dirty').first(); (await tab.count()) > 0; ) {
    await tab.click();
    await workbench.revert();
  }
  await workbench.command('View: Close All Editors');
  await workbench.command('Terminal: Kill All Terminals');
  await workbench.command('Notifications: Clear All Notifications');
  await page.locator('.notifications-center').waitFor({ state: 'hidden' });
}
