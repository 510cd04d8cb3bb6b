import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startRegistry } from '../../../../engine/registry-support.ts';
import { type Chapter, containerRow } from '../chapter.ts';

export const images: Chapter = {
  title: 'images',
  steps: [
    {
      title: 'an image is tagged and run interactively from its menu, and the terminal tells the exit code',
      run: async ({ workbench }) => {
        await workbench.chooseFromMenu(workbench.row('Images', /^busybox:latest/), 'Tag...');
        await workbench.answer('Tag busybox:latest', 'shell:1');
        await workbench.chooseFromMenu(workbench.row('Images', /^shell:1/), 'Run Interactive');
        await workbench.terminal(/[#$]\s*$/);
        await workbench.page.keyboard.type('test -t 0 && exit 5\n');
        await workbench.terminal(/exited with code 5/);
        const row = containerRow(workbench, 'exited with code 5', 'shell:1');
        await row.waitFor();
        await workbench.screenshot('interactive');
        await workbench.pressInline(row, 'Remove', workbench.asks);
        await workbench.confirm('Remove');
        await row.waitFor({ state: 'detached' });
      },
    },
    {
      title: 'Save writes an archive that other tools read',
      run: async ({ workbench, folder }) => {
        const name = 'saved.tar';
        const archive = join(folder, name);
        await workbench.chooseFromMenu(workbench.row('Images', /^shell:1/), 'Save to an Archive...');
        await workbench.answerPath('Save shell:1', { folder, shown: 'sample', name });
        await workbench.says(/Saved shell:1 in /);
        assert.match(skopeo(['inspect', '--raw', `docker-archive:${archive}`]), /"layers"/);
      },
    },
    {
      title: 'Load reads an archive that another tool wrote',
      run: async ({ workbench, folder }) => {
        const name = 'loaded.tar';
        const archive = join(folder, name);
        skopeo(['copy', `docker-archive:${join(folder, 'saved.tar')}`, `docker-archive:${archive}:loaded:2`]);
        await workbench.chooseFromTitle('Images', 'Load Images from an Archive...');
        await workbench.answerPath('Load images from an archive', { folder, shown: 'sample', name });
        await workbench.says(/Loaded loaded:2/);
        await workbench.row('Images', /^loaded:2/).waitFor();
      },
    },
    {
      title: 'Pull asks a registry, and its message goes when the image is there; Push gives one to it',
      run: async ({ workbench, folder, sampan }) => {
        const registry = await startRegistry();
        try {
          const reference = `${registry.address}/tools/pulled:3`;
          const target = ['--dest-tls-verify=false', `docker://${reference}`];
          skopeo(['copy', `docker-archive:${join(folder, 'saved.tar')}`, ...target]);
          await workbench.chooseFromTitle('Images', 'Pull Image...');
          await workbench.answer('Pull an image', reference);
          await workbench.row('Images', new RegExp(`^${reference}`)).waitFor({ timeout: 60_000 });
          await workbench.screenshot('pulled');
          await workbench.chooseFromTitle('Images', 'Pull Image...');
          await workbench.answer('Pull an image', `${registry.address}/tools/none:1`);
          await workbench.notification(/none:1/);
          await workbench.screenshot('pull-failed');
          const own = `${registry.address}/tools/pushed:1`;
          sampan(['tag', 'busybox:latest', own]);
          await workbench.chooseFromMenu(workbench.row('Images', new RegExp(`^${own}`)), 'Push...');
          await workbench.says(/Pushed .*tools\/pushed:1/);
          const raw = skopeo(['inspect', '--tls-verify=false', '--raw', `docker://${own}`]);
          assert.match(raw, /"layers"/);
          sampan(['rmi', own]);
        } finally {
          await registry.stop();
        }
      },
    },
    {
      title: 'history and inspection are documents, and names go to the clipboard',
      run: async ({ workbench }) => {
        const row = workbench.row('Images', /^shell:1/);
        await workbench.chooseFromMenu(row, 'Show History');
        await workbench.showsDocument('shell:1.history.txt', /CREATED/);
        await workbench.screenshot('history');
        await workbench.chooseFromMenu(row, 'Inspect');
        await workbench.showsDocument('shell:1.json', /"id"/);
        await workbench.chooseFromMenu(row, 'Copy Name');
        await workbench.clipboard(/^shell:1$/);
        await workbench.chooseFromMenu(row, 'Copy ID');
        await workbench.clipboard(/^sha256:[0-9a-f]{64}$/);
      },
    },
    {
      title: 'several images that are selected are removed together by the Delete key',
      run: async ({ workbench }) => {
        const { page } = workbench;
        const [first, second] = [workbench.row('Images', /^loaded:2/), workbench.row('Images', /^shell:1/)];
        await workbench.until(workbench.asks, async timeout => {
          await first.locator('.label-name').click({ timeout });
          await second.locator('.label-name').click({ modifiers: ['Control'], timeout });
          await page.keyboard.press('Delete');
        });
        assert.equal(await workbench.confirm('Remove'), 'Remove 2 images?');
        await first.waitFor({ state: 'detached' });
        await second.waitFor({ state: 'detached' });
        await workbench.row('Images', /^busybox:latest/).waitFor();
      },
    },
  ],
};

function skopeo(args: readonly string[]): string {
  const done = spawnSync('skopeo', ['--insecure-policy', ...args], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`skopeo ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}
