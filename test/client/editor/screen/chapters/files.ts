import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { type Chapter, containerRow } from '../chapter.ts';
import type { Workbench } from '../workbench.ts';

const web = (workbench: Workbench) => containerRow(workbench, 'running', 'busybox:latest');

export const files: Chapter = {
  title: 'files',
  steps: [
    {
      title: 'the files of a container open from the tree, are edited and saved into it',
      run: async ({ workbench, sampan }) => {
        sampan(['volume', 'create', 'pages']);
        const script = 'mkdir /srv; echo first > /srv/page.txt; exec sleep 600';
        sampan([
          'run',
          '-d',
          '--init',
          '--name',
          'web',
          '-v',
          'pages:/pages',
          'busybox:latest',
          'sh',
          '-c',
          script,
        ]);
        await workbench.showOnly('Containers');
        await workbench.openRow(web(workbench), row(workbench, 'Containers', /^folder Files/));
        await workbench.openRow(
          row(workbench, 'Containers', /^folder Files/),
          row(workbench, 'Containers', /^folder srv/),
        );
        await workbench.openRow(
          row(workbench, 'Containers', /^folder srv/),
          row(workbench, 'Containers', /^file page\.txt/),
        );
        await workbench.screenshot('container-files');
        await row(workbench, 'Containers', /^file page\.txt/)
          .locator('.label-name')
          .click();
        await workbench.showsDocument('page.txt', /first/);
        await workbench.append('second');
        await workbench.command('File: Save');
        await workbench.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
        assert.equal(sampan(['exec', 'web', 'cat', '/srv/page.txt']), 'first\nsecond');
      },
    },
    {
      title: 'files and folders are created, renamed, copied out and deleted in the tree',
      run: async ({ workbench, sampan, folder }) => {
        const srv = row(workbench, 'Containers', /^folder srv/);
        await workbench.chooseFromMenu(srv, 'New Folder...');
        await workbench.answer('New folder in /srv', 'made');
        const made = row(workbench, 'Containers', /^folder made/);
        await made.waitFor();
        await workbench.chooseFromMenu(made, 'New File...');
        await workbench.answer('New file in /srv/made', 'note.md');
        await workbench.page.locator('.tab.active[data-resource-name="note.md"]').waitFor();
        await workbench.openRow(made, row(workbench, 'Containers', /^file note\.md/));
        await workbench.chooseFromMenu(row(workbench, 'Containers', /^file note\.md/), 'Rename...');
        await workbench.answer('Rename /srv/made/note.md', 'renamed.md');
        const renamed = row(workbench, 'Containers', /^file renamed\.md/);
        await renamed.waitFor();
        await workbench.chooseFromMenu(renamed, 'Copy Path');
        await workbench.clipboard(/^\/srv\/made\/renamed\.md$/);
        const page = row(workbench, 'Containers', /^file page\.txt/);
        await workbench.chooseFromMenu(page, 'Save a Copy...');
        await workbench.answerPath('Save a copy in', { folder, shown: 'sample', name: '' });
        await workbench.eventually(() => readFileSync(join(folder, 'page.txt'), 'utf8') === 'first\nsecond');
        await workbench.pressKey(renamed, 'Delete', workbench.asks);
        assert.equal(await workbench.confirm('Delete'), 'Delete /srv/made/renamed.md?');
        await renamed.waitFor({ state: 'detached' });
        await workbench.chooseFromMenu(made, 'Delete...');
        await workbench.confirm('Delete');
        await made.waitFor({ state: 'detached' });
        assert.equal(sampan(['exec', 'web', 'ls', '/srv']), 'page.txt');
      },
    },
    {
      title: 'what a container changed is a tree, and a modified file is compared with the image',
      run: async ({ workbench, sampan }) => {
        sampan(['exec', 'web', 'sh', '-c', 'echo more >> /etc/passwd']);
        const changes = row(workbench, 'Containers', /^files that web changed/);
        await workbench.openRow(changes, row(workbench, 'Containers', /^folder etc/));
        await workbench.openRow(
          row(workbench, 'Containers', /^folder etc/).first(),
          row(workbench, 'Containers', /^passwd, modified/),
        );
        await workbench.chooseFromMenu(row(workbench, 'Containers', /^passwd, modified/), 'Show Change');
        await workbench.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
        await workbench.screenshot('container-change');
        await workbench.openRow(
          row(workbench, 'Containers', /^folder srv/),
          row(workbench, 'Containers', /^page\.txt, added/),
        );
      },
    },
    {
      title: 'two files are compared with each other',
      run: async ({ workbench }) => {
        const page = row(workbench, 'Containers', /^file page\.txt/);
        await workbench.chooseFromMenu(page, 'Select for Compare');
        await workbench.chooseFromMenu(page, 'Compare with Selected');
        await workbench.page.locator('.monaco-diff-editor').first().waitFor();
        await workbench.expand('Volumes');
        await workbench.row('Volumes', /^volume pages/).waitFor();
      },
    },
    {
      title: 'the layers of an image show what each instruction brought',
      run: async ({ workbench, sampan, folder, workspace }) => {
        const dockerfile = join(folder, 'Dockerfile.pages');
        writeFileSync(dockerfile, 'FROM busybox\nCOPY site/index.html /\n');
        sampan(['build', '-t', 'sample:latest', '-f', dockerfile, workspace]);
        await workbench.showOnly('Images');
        const image = workbench.row('Images', /^sample:latest/);
        await workbench.openRow(image, workbench.row('Images', /^layers, /).first());
        await workbench.openRow(
          workbench.row('Images', /^layers, /).first(),
          workbench.row('Images', /^layer 2, /),
        );
        await workbench.openRow(
          workbench.row('Images', /^layer 2, COPY site/),
          workbench.row('Images', /index\.html, added/),
        );
        await workbench.screenshot('layers');
        await workbench
          .row('Images', /index\.html, added/)
          .locator('.label-name')
          .click();
        await workbench.showsDocument('index.html', /html/);
      },
    },
    {
      title: 'Remove Tag takes a name, and the image stays',
      run: async ({ workbench, sampan }) => {
        await workbench.chooseFromTitle('Images', 'Collapse All');
        sampan(['tag', 'sample:latest', 'sample:other']);
        await workbench.row('Images', /^sample:other/).waitFor();
        await workbench.chooseFromMenu(workbench.row('Images', /^sample:other/), 'Remove Tag');
        await workbench.row('Images', /^sample:other/).waitFor({ state: 'detached' });
        await workbench.chooseFromMenu(workbench.row('Images', /^sample:latest/), 'Remove Tag');
        await workbench
          .row('Images', /, without a tag, /)
          .first()
          .waitFor();
      },
    },
    {
      title: 'a volume becomes a folder of the workspace',
      run: async ({ sampan, openWindow }) => {
        const id = sampan(['ps', '-q']);
        sampan(['exec', id, 'sh', '-c', 'echo kept > /pages/kept.txt']);
        // A window: it reloads when it gets a second folder.
        const window = await openWindow();
        await window.openSideBar();
        await window.expand('Volumes');
        await window.chooseFromMenu(window.row('Volumes', /^volume pages/), 'Add Files to Workspace');
        const explorer = window.page.locator('.explorer-folders-view');
        await window.until(
          timeout => explorer.waitFor({ timeout }),
          () => window.command('View: Show Explorer'),
        );
        const root = explorer.getByRole('treeitem', { name: /^pages/ }).first();
        await window.openRow(root, explorer.getByRole('treeitem', { name: /^kept\.txt/ }));
        await window.screenshot('volume-in-explorer');
        await window.page.close();
      },
    },
  ],
};

function row(workbench: Workbench, view: string, label: RegExp): Locator {
  return workbench.row(view, label).first();
}
