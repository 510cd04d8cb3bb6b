import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type Chapter, containerRow, running, type Setting } from '../chapter.ts';

export const buildAndRun: Chapter = {
  title: 'build and run',
  steps: [
    {
      title: 'Build in the editor title builds the image, with its steps in a terminal',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.open('Dockerfile');
        const build = page.locator('.editor-actions .action-label[aria-label^="Build Image"]').first();
        await workbench.until(
          timeout => page.locator('.terminal-wrapper.active').waitFor({ timeout }),
          timeout => build.click({ timeout }),
        );
        await workbench.terminal(/Built sample:latest in /);
        const built = await workbench.notification(/Built sample:latest in /);
        await built.locator('.monaco-button', { hasText: 'Run' }).waitFor();
        await workbench.row('Images', /^sample:latest/).waitFor();
        await workbench.screenshot('built');
      },
    },
    {
      title: 'each instruction tells how it went, and its files and changes are a click away',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.open('Dockerfile');
        await page.keyboard.press('Control+G');
        await page.keyboard.type('6');
        await page.keyboard.press('Enter');
        await workbench.command('Sampan: Show Files and Changes Here');
        const step = workbench.row('Step', /^what COPY site\/ .*Dockerfile$/);
        await workbench.openRow(step, workbench.row('Step', /^folder srv/).first());
        await workbench.openRow(
          workbench.row('Step', /^folder srv/).first(),
          workbench.row('Step', /^index\.html, added/),
        );
        await workbench.screenshot('step');
      },
    },
    {
      title: 'Run on the message starts a container that the tree shows as running',
      run: async ({ workbench }) => {
        await workbench.pressInNotification(/Built sample:latest in /, 'Run');
        await workbench.row('Containers', /, running, sample:latest, port \d+ /).waitFor({ timeout: 60_000 });
        await workbench.terminal(/http:\/\/localhost:\d+\/ → 8080/);
        await workbench.command('Notifications: Clear All Notifications');
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
      title: 'its output is in its terminal, in its log, and in a document that grows',
      run: async ({ workbench, sampan }) => {
        await workbench.terminal(/response:200/);
        await workbench.chooseFromMenu(running(workbench), 'View Log');
        await workbench.terminal(/response:200/);
        await workbench.screenshot('log');
        await workbench.chooseFromMenu(running(workbench), 'Open Log as a Document');
        await workbench.showsDocument('.log', /response:200/);
        request(sampan);
        await workbench.showsDocument('.log', /127\.0\.0\.1/);
        await workbench.screenshot('log-document');
      },
    },
    {
      title: 'a shell opens in it and ends with exit',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.chooseFromMenu(running(workbench), 'Open Shell');
        await workbench.terminal(/[#$]\s*$/);
        await page.keyboard.type('echo $((6*7)) in $(pwd)\n');
        await workbench.terminal(/42 in \/srv\/www/);
        await workbench.screenshot('shell');
        await page.keyboard.type('exit\n');
        await page.getByRole('treeitem', { name: /: shell/ }).waitFor({ state: 'detached' });
      },
    },
    {
      title: 'a command runs in it and its terminal stays with the exit code',
      run: async ({ workbench }) => {
        await workbench.chooseFromMenu(running(workbench), 'Run a Command...');
        await workbench.answer('Run in', 'sh -c "ls /srv/www; exit 3"');
        await workbench.terminal(/index\.html[\s\S]*exited with code 3/);
      },
    },
    {
      title: 'a terminal attaches to it, and closing it leaves it running',
      run: async ({ workbench, sampan }) => {
        await workbench.chooseFromMenu(running(workbench), 'Attach Terminal');
        await workbench.terminal(/^\s*$/);
        request(sampan);
        await workbench.terminal(/127\.0\.0\.1\S* response:200/);
        await workbench.command('Terminal: Kill All Terminals');
        await running(workbench).waitFor();
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
      title: 'Stop and Remove ask where something is lost, and the tree says how it ended',
      run: async ({ workbench }) => {
        const exited = containerRow(workbench, 'exited with code 137', 'sample:latest');
        await workbench.pressInline(running(workbench), 'Stop', timeout => exited.waitFor({ timeout }));
        await workbench.screenshot('stopped');
        await workbench.chooseFromMenu(exited, 'Remove...');
        await workbench.screenshot('remove-question');
        assert.match(await workbench.confirm('Remove'), /^Remove the container .+\?$/);
        await exited.waitFor({ state: 'detached' });
        await workbench.view('Containers').getByText('No containers yet').waitFor();
      },
    },
    {
      title: 'Run above the FROM runs it again, and Control-C twice in its terminal kills it',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.open('Dockerfile');
        await workbench.pressLens('Run', timeout => running(workbench).waitFor({ timeout }));
        await workbench.terminal(/http:\/\/localhost:\d+\/ → 8080/);
        await workbench.command('Terminal: Focus Terminal');
        await page.keyboard.press('Control+C');
        await workbench.terminal(/Control-C again kills/);
        await page.keyboard.press('Control+C');
        await workbench.terminal(/exited with code 137/);
        const row = containerRow(workbench, 'exited with code 137', 'sample:latest');
        await workbench.pressInline(row, 'Remove', workbench.asks);
        await workbench.confirm('Remove');
        await row.waitFor({ state: 'detached' });
      },
    },
    {
      title: 'Control-C in its terminal cancels a build',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.append('RUN echo waiting && sleep 600');
        await page.keyboard.press('Escape');
        await workbench.command('Sampan: Build Image');
        await workbench.terminal(/#\d+ waiting/);
        await workbench.command('Terminal: Focus Terminal');
        await page.keyboard.press('Control+C');
        await workbench.terminal(/The build was cancelled/);
        assert.equal(await page.locator('.squiggly-error').count(), 0);
      },
    },
  ],
};

/** Asks the sample's page from inside its container. */
function request(sampan: Setting['sampan']): void {
  const [container = ''] = sampan(['ps', '-q']).split('\n');
  sampan(['exec', container, 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/']);
}
