import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Workbench } from './workbench.ts';

export interface Setting {
  readonly workbench: Workbench;
  /** Runs the command line on the same state and returns what it printed. */
  readonly sampan: (args: readonly string[]) => string;
  /** Opens a second window on the same folder, with a server of its own. */
  readonly openWindow: () => Promise<Workbench>;
}

export interface Step {
  readonly title: string;
  readonly run: (setting: Setting) => Promise<void>;
}

/** What a person does, in this order: each step begins where the last one ended. */
export const steps: readonly Step[] = [
  {
    title: 'the views show what is there, and what to do when nothing is',
    run: async ({ workbench }) => {
      await workbench.openSideBar();
      await workbench.row('Images', /^busybox:latest/).waitFor({ timeout: 60_000 });
      await workbench.view('Containers').getByText('No containers yet').waitFor();
      await workbench.screenshot('first-look');
    },
  },
  {
    title: 'a Dockerfile opens with Build and Run above its FROM, and no findings',
    run: async ({ workbench }) => {
      await workbench.open('Dockerfile');
      await workbench.page.locator('.codelens-decoration', { hasText: 'Build' }).first().waitFor();
      assert.equal(await workbench.page.locator('.squiggly-error').count(), 0);
      await workbench.screenshot('dockerfile');
    },
  },
  {
    title: 'a mistake is underlined as it is typed and the line goes when it is undone',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await page.keyboard.press('Control+End');
      await page.keyboard.type('RUNN make');
      await page.locator('.squiggly-error').first().waitFor();
      await page.keyboard.press('Escape');
      await workbench.screenshot('mistake');
      await workbench.revert();
      await page.locator('.squiggly-error').waitFor({ state: 'detached' });
    },
  },
  {
    title: 'completion offers the instructions with their documentation',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await page.keyboard.press('Control+End');
      await page.keyboard.type('HEAL');
      await page.locator('.suggest-widget .monaco-list-row', { hasText: 'HEALTHCHECK' }).first().waitFor();
      await workbench.screenshot('completion');
      await page.keyboard.press('Escape');
      await workbench.revert();
    },
  },
  {
    title: 'Build in the editor title builds the image, with its steps in a terminal',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await page.locator('.editor-actions .action-label[aria-label^="Build Image"]').first().click();
      await workbench.terminal(/Built sample:latest in /);
      const built = await workbench.notification(/Built sample:latest in /);
      await built.locator('.monaco-button', { hasText: 'Run' }).waitFor();
      await workbench.row('Images', /^sample:latest/).waitFor();
      await workbench.screenshot('built');
    },
  },
  {
    title: 'Run on the message starts a container that the tree shows as running',
    run: async ({ workbench }) => {
      const built = await workbench.notification(/Built sample:latest in /);
      await built.locator('.monaco-button', { hasText: 'Run' }).click();
      await workbench.row('Containers', /, running, sample:latest, port \d+ /).waitFor({ timeout: 60_000 });
      await workbench.terminal(/http:\/\/localhost:\d+\/ → 8080/);
      await workbench.closeNotifications();
      await workbench.screenshot('running');
    },
  },
  {
    title: 'its port opens in the browser from the tree',
    run: async ({ workbench }) => {
      const opened: Page[] = [];
      workbench.page.context().on('page', page => opened.push(page));
      await workbench.pressInline(running(workbench), 'Open in Browser', async timeout => {
        if (opened.length === 0) await workbench.page.context().waitForEvent('page', { timeout });
      });
      const site = opened[0] as Page;
      await site.getByRole('heading', { name: 'Hello from a container' }).waitFor();
      await site.close();
    },
  },
  {
    title: 'its output is in its terminal and in its log',
    run: async ({ workbench }) => {
      await workbench.terminal(/response:200/);
      await workbench.chooseFromMenu(running(workbench), 'View Log');
      await workbench.terminal(/response:200/);
      await workbench.screenshot('log');
    },
  },
  {
    title: 'a shell opens in it and ends with exit',
    run: async ({ workbench }) => {
      await workbench.chooseFromMenu(running(workbench), 'Open Shell');
      await workbench.terminal(/[#$]\s*$/);
      await workbench.page.keyboard.type('echo $((6*7)) in $(pwd)\n');
      await workbench.terminal(/42 in \/srv\/www/);
      await workbench.screenshot('shell');
      await workbench.page.keyboard.type('exit\n');
      await workbench.page.getByRole('treeitem', { name: /: shell/ }).waitFor({ state: 'detached' });
    },
  },
  {
    title: 'what the command line does appears by itself',
    run: async ({ workbench, sampan }) => {
      sampan(['tag', 'sample:latest', 'sample:stable']);
      await workbench.row('Images', /^sample:stable/).waitFor();
      sampan(['volume', 'create', 'from-the-command-line']);
      await workbench.expand('Volumes');
      await workbench.row('Volumes', /^volume from-the-command-line, not in use/).waitFor();
      await workbench.expand('Links');
      await workbench.row('Links', /^network bridge/).waitFor();
      await workbench.screenshot('all-views');
    },
  },
  {
    title: 'Stop in another window stops it, and this tree says how it ended',
    run: async ({ workbench, openWindow }) => {
      const other = await openWindow();
      await other.openSideBar();
      await running(other).waitFor({ timeout: 60_000 });
      const exited = (window: Workbench) => window.row('Containers', /, exited with code \d+, sample:latest/);
      await other.pressInline(running(other), 'Stop', timeout => exited(other).waitFor({ timeout }));
      await exited(workbench).waitFor({ timeout: 30_000 });
      await other.page.close();
      await workbench.screenshot('stopped');
    },
  },
  {
    title: 'Remove asks first and removes it',
    run: async ({ workbench }) => {
      await workbench.chooseFromMenu(workbench.row('Containers', /sample:latest/), 'Remove...');
      await workbench.screenshot('remove-question');
      assert.match(await workbench.confirm('Remove'), /^Remove the container .+\?$/);
      await workbench.row('Containers', /sample:latest/).waitFor({ state: 'detached' });
      await workbench.view('Containers').getByText('No containers yet').waitFor();
    },
  },
  {
    title: 'Run above the FROM runs it again, and Control-C twice in its terminal kills it',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await page.locator('.codelens-decoration a', { hasText: 'Run' }).first().click();
      await running(workbench).waitFor({ timeout: 60_000 });
      await workbench.terminal(/http:\/\/localhost:\d+\/ → 8080/);
      await workbench.command('Terminal: Focus Terminal');
      await page.keyboard.press('Control+C');
      await workbench.terminal(/Control-C again kills/);
      await page.keyboard.press('Control+C');
      await workbench.terminal(/exited with code 137/);
      const row = workbench.row('Containers', /, exited with code 137, sample:latest/);
      await workbench.pressInline(row, 'Remove', workbench.asks);
      await workbench.confirm('Remove');
      await row.waitFor({ state: 'detached' });
    },
  },
  {
    title: 'an image is tagged and run interactively from its menu, and the terminal tells the exit code',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await workbench.chooseFromMenu(workbench.row('Images', /^busybox:latest/), 'Tag...');
      await workbench.answer('shell:1');
      await workbench.chooseFromMenu(workbench.row('Images', /^shell:1/), 'Run Interactive');
      await workbench.terminal(/[#$]\s*$/);
      await page.keyboard.type('test -t 0 && exit 5\n');
      await workbench.terminal(/exited with code 5/);
      const row = workbench.row('Containers', /, exited with code 5, shell:1/);
      await row.waitFor();
      await workbench.screenshot('interactive');
      await workbench.pressInline(row, 'Remove', workbench.asks);
      await workbench.confirm('Remove');
      await row.waitFor({ state: 'detached' });
    },
  },
  {
    title: 'Control-C in its terminal cancels a build',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await workbench.open('Dockerfile');
      await page.keyboard.press('Control+End');
      await page.keyboard.type('RUN echo waiting && sleep 600');
      await page.keyboard.press('Escape');
      await workbench.command('Sampan: Build Image');
      await workbench.terminal(/#5 waiting/);
      await workbench.command('Terminal: Focus Terminal');
      await page.keyboard.press('Control+C');
      await workbench.terminal(/The build was cancelled/);
      assert.equal(await page.locator('.squiggly-error').count(), 0);
      await workbench.open('Dockerfile');
      await page.keyboard.press('Control+Z');
      await page.keyboard.press('Control+S');
    },
  },
  {
    title: 'a build that fails is underlined on its line',
    run: async ({ workbench }) => {
      const { page } = workbench;
      await workbench.open('Dockerfile');
      await page.keyboard.press('Control+End');
      await page.keyboard.type('RUN echo this one fails && exit 3');
      await page.keyboard.press('Escape');
      await workbench.command('Sampan: Build Image');
      await workbench.terminal(/this one fails/);
      await page.locator('.squiggly-error').first().waitFor({ timeout: 60_000 });
      await workbench.command('Problems: Focus on Problems View');
      await page.locator('.markers-panel', { hasText: 'this one fails' }).waitFor();
      await workbench.screenshot('failed-build');
    },
  },
  {
    // The figure is told, not judged: a busy machine is not a slow extension.
    title: 'VS Code tells what the activation cost',
    run: async ({ workbench }) => {
      const text = await activationTime(workbench);
      await workbench.screenshot('running-extensions');
      assert.match(text, /\d+ms/);
      console.log(text);
    },
  },
];

/** What VS Code says about the extension: `Activation: 25ms`. The slowest extensions are listed first, and only what is in view exists. */
async function activationTime(workbench: Workbench): Promise<string> {
  const { page } = workbench;
  await workbench.command('Developer: Show Running Extensions');
  const list = page.locator('.runtime-extensions-editor .monaco-list');
  const row = list.locator('.monaco-list-row', { hasText: 'Sampan' });
  await list.locator('.monaco-list-row').first().click();
  for (let pages = 0; pages < 20 && (await row.count()) === 0; pages++) await page.keyboard.press('PageDown');
  return (await row.locator('.activation-time').textContent()) ?? '';
}

/** The row of the sample's container while it runs. */
function running(workbench: Workbench) {
  return workbench.row('Containers', /, running, sample:latest/).first();
}
