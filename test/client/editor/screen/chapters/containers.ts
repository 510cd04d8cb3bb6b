import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Chapter, containerRow } from '../chapter.ts';
import type { Workbench } from '../workbench.ts';

const row = (workbench: Workbench, name: string, state = '') =>
  workbench.row('Containers', new RegExp(`^${name}, ${state}`));

export const containers: Chapter = {
  title: 'containers',
  steps: [
    {
      title: 'Kill, Start and Restart do what they say',
      run: async ({ workbench, sampan }) => {
        for (const name of ['one', 'two'])
          sampan(['run', '-d', '--init', '--name', name, 'busybox:latest', 'sleep', '600']);
        for (const name of ['one', 'two']) await row(workbench, name, 'running').waitFor();
        await workbench.chooseFromMenu(row(workbench, 'one', 'running'), 'Kill');
        await row(workbench, 'one', 'exited with code 137').waitFor({ timeout: 30_000 });
        await workbench.pressInline(row(workbench, 'one', 'exited'), 'Start', timeout =>
          row(workbench, 'one', 'running').waitFor({ timeout }),
        );
        const before = startOf(sampan, 'one');
        await workbench.chooseFromMenu(row(workbench, 'one', 'running'), 'Restart');
        for (const deadline = Date.now() + 60_000; startOf(sampan, 'one') === before; )
          if (Date.now() > deadline) throw new Error('It was not restarted.');
        await row(workbench, 'one', 'running').waitFor({ timeout: 30_000 });
      },
    },
    {
      title: 'a menu acts on the row that it was opened on, also when the rows move meanwhile',
      run: async ({ workbench, sampan }) => {
        sampan(['create', '--name', 'another', 'busybox:latest', 'sleep', '600']);
        await row(workbench, 'another', 'created').waitFor();
        await workbench.openMenu(row(workbench, 'one', 'running'));
        // Running ones come first: this one takes the place of "one".
        sampan(['start', 'another']);
        await row(workbench, 'another', 'running').waitFor();
        await workbench.chooseFromOpenMenu('Kill');
        await row(workbench, 'one', 'exited with code 137').waitFor({ timeout: 30_000 });
        await row(workbench, 'another', 'running').waitFor();
        await row(workbench, 'two', 'running').waitFor();
        sampan(['rm', '-f', 'another']);
        sampan(['start', 'one']);
        await row(workbench, 'one', 'running').waitFor();
      },
    },
    {
      title: 'F2 renames it',
      run: async ({ workbench }) => {
        const { page } = workbench;
        const asked = page.locator('.quick-input-title', { hasText: 'Rename two' });
        await workbench.pressKey(row(workbench, 'two'), 'F2', timeout => asked.waitFor({ timeout }));
        await workbench.answer('Rename two', 'second');
        await row(workbench, 'second', 'running').waitFor();
        await workbench.chooseFromMenu(row(workbench, 'second'), 'Rename...');
        await workbench.answer('Rename second', 'two');
        await row(workbench, 'two', 'running').waitFor();
      },
    },
    {
      title: 'what it changed is listed, becomes an image, and is exported',
      run: async ({ workbench, sampan, folder }) => {
        sampan(['exec', 'one', 'sh', '-c', 'echo new > /added; rm /etc/hostname; true']);
        await workbench.chooseFromMenu(row(workbench, 'one'), 'Show Changed Files');
        await workbench.showsDocument('one.changes.txt', /A\s\/added/);
        await workbench.screenshot('changes');
        await workbench.chooseFromMenu(row(workbench, 'one'), 'Make an Image...');
        await workbench.answer('Make an image of one', 'committed:1');
        await workbench.row('Images', /^committed:1/).waitFor({ timeout: 60_000 });
        assert.equal(sampan(['run', '--rm', 'committed:1', 'cat', '/added']), 'new');
        const name = 'one.tar';
        const archive = join(folder, name);
        await workbench.chooseFromMenu(row(workbench, 'one'), 'Export Files...');
        await workbench.answerPath('Export the files of one', { folder, shown: 'sample', name });
        await workbench.says(/The files of one are in /);
        assert.ok(existsSync(archive));
      },
    },
    {
      title: 'it is inspected, and its name and id are copied',
      run: async ({ workbench }) => {
        await workbench.chooseFromMenu(row(workbench, 'one'), 'Inspect');
        await workbench.showsDocument('one.json', /"id"/);
        await workbench.screenshot('inspect');
        await workbench.chooseFromMenu(row(workbench, 'one'), 'Copy Name');
        await workbench.clipboard(/^one$/);
        await workbench.chooseFromMenu(row(workbench, 'one'), 'Copy ID');
        await workbench.clipboard(/^[0-9a-f]{64}$/);
      },
    },
    {
      title: 'networks are inspected and addresses copied',
      run: async ({ workbench }) => {
        await workbench.expand('Links');
        await workbench.chooseFromMenu(workbench.row('Links', /^network bridge/), 'Inspect');
        await workbench.showsDocument('bridge.json', /"driver"/);
        await workbench.chooseFromMenu(workbench.row('Links', /^container one/), 'Copy Address');
        await workbench.clipboard(/^\d+\.\d+\.\d+\.\d+$/);
      },
    },
    {
      title: 'several that are selected are stopped together',
      run: async ({ workbench }) => {
        const rows = [row(workbench, 'one'), row(workbench, 'two')] as const;
        await rows[0].locator('.label-name').click();
        await rows[1].locator('.label-name').click({ modifiers: ['Control'] });
        await workbench.chooseFromMenu(rows[1], 'Stop');
        for (const name of ['one', 'two'])
          await row(workbench, name, 'exited with code').waitFor({ timeout: 60_000 });
      },
    },
    {
      title: 'Remove Unused shows what would go, and removes what is ticked',
      run: async ({ workbench }) => {
        await workbench.chooseFromTitle('Containers', 'Remove Unused...');
        await workbench.picks('Remove what nothing uses').filter({ hasText: 'committed:1' }).waitFor();
        await workbench.screenshot('prune');
        const title = await workbench.accept('Remove what nothing uses');
        assert.match(title, /: \d+ chosen/);
        await row(workbench, 'one').waitFor({ state: 'detached' });
        await row(workbench, 'two').waitFor({ state: 'detached' });
        await workbench.row('Images', /^committed:1/).waitFor();
        await workbench.says(/Removed \d of \d/);
      },
    },
    {
      title: 'an image is run by its icon, and a container started from the palette',
      run: async ({ workbench, sampan }) => {
        await workbench.pressInline(workbench.row('Images', /^committed:1/), 'Run', timeout =>
          containerRow(workbench, '.*', 'committed:1').waitFor({ timeout }),
        );
        sampan(['create', '--name', 'asleep', 'busybox:latest', 'sleep', '600']);
        await row(workbench, 'asleep', 'created').waitFor();
        await workbench.command('Sampan Containers: Start');
        await workbench.pick('Start a container', 'asleep');
        await row(workbench, 'asleep', 'running').waitFor({ timeout: 60_000 });
      },
    },
  ],
};

function startOf(sampan: (args: readonly string[]) => string, name: string): string {
  return sampan(['inspect', '--format', '{{.State.StartedAt}}', name]);
}
