import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chapter, containerRow } from '../chapter.ts';

export const options: Chapter = {
  title: 'run with options',
  steps: [
    {
      title: 'a volume is created from the title of its view',
      run: async ({ workbench }) => {
        await workbench.expand('Volumes');
        await workbench.chooseFromTitle('Volumes', 'Create Volume...');
        await workbench.answer('Create a volume', 'pages');
        await workbench.row('Volumes', /^volume pages, not in use/).waitFor();
      },
    },
    {
      title:
        'Run with Options asks for ports, name, environment, mounts, limits, links, command and terminal',
      run: async ({ workbench, sampan }) => {
        const title = 'Run busybox:latest';
        await workbench.chooseFromMenu(workbench.row('Images', /^busybox:latest/), 'Run with Options...');
        await workbench.answer(`${title} (1/9)`, '8080');
        await workbench.answer(`${title} (2/9)`, 'optional');
        await workbench.answer(`${title} (3/9)`, 'GREETING="good day"');
        await workbench.answer(`${title} (4/9)`, 'pages:/pages ./site:/site:ro');
        await workbench.screenshot('run-options');
        await workbench.answer(`${title} (5/9)`, 'memory=64m pids=50');
        await workbench.answer(`${title} (6/9)`, '');
        await workbench.answer(
          `${title} (7/9)`,
          `sh -c 'echo "$GREETING" > /pages/index.html; ls /site; echo ready; httpd -f -p 8080 -h /pages'`,
        );
        await workbench.pick(`${title} (8/9)`, 'Show output');
        await workbench.answer(`${title} (9/9)`, 'Pages');
        await workbench.row('Containers', /^optional, running, busybox:latest, port \d+ /).waitFor();
        await workbench.terminal(/index\.html[\s\S]*ready/);
        await workbench.row('Volumes', /^volume pages, used by optional/).waitFor();
        const [port] = /\d+$/.exec(sampan(['port', 'optional', '8080'])) ?? [];
        assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'good day\n');
        await workbench.screenshot('run-with-options');
      },
    },
    {
      title: 'what was answered is a profile that runs the same again',
      run: async ({ workbench, sampan, workspace }) => {
        const settings = readFileSync(join(workspace, '.vscode/settings.json'), 'utf8');
        assert.match(settings, /"limits": "memory=64m pids=50"/);
        sampan(['rm', '-f', 'optional']);
        await optional(workbench, 'running').waitFor({ state: 'detached' });
        await workbench.chooseFromMenu(workbench.row('Images', /^busybox:latest/), 'Run with Options...');
        await workbench.picks('Run busybox:latest as').filter({ hasText: 'Pages' }).waitFor();
        await workbench.screenshot('run-profiles');
        await workbench.pick('Run busybox:latest as', 'Pages');
        await optional(workbench, 'running').waitFor({ timeout: 60_000 });
        assert.equal(sampan(['inspect', '--format', '{{.HostConfig.Memory}}', 'optional']), '67108864');
      },
    },
    {
      title: 'its run command makes the same again',
      run: async ({ workbench }) => {
        await workbench.chooseFromMenu(optional(workbench, 'running'), 'Copy Run Command');
        const line = await workbench.clipboard(/^sampan run -d --name optional /);
        assert.match(line, /-e 'GREETING=good day' /);
        assert.match(line, /--mount type=volume,source=pages,target=\/pages /);
      },
    },
    {
      title: 'volumes are inspected by Enter, their names copied, and removed when nothing uses them',
      run: async ({ workbench, sampan }) => {
        const row = workbench.row('Volumes', /^volume pages/);
        await workbench.pressKey(row, 'Enter', () => workbench.showsDocument('pages.json', /"mountpoint"/));
        await workbench.chooseFromMenu(row, 'Copy Name');
        await workbench.clipboard(/^pages$/);
        await workbench.chooseFromMenu(row, 'Inspect');
        await workbench.showsDocument('pages.json', /"mountpoint"/);
        sampan(['rm', '-f', 'optional']);
        await workbench.row('Volumes', /^volume pages, not in use/).waitFor();
        await workbench.pressInline(row, 'Remove', workbench.asks);
        assert.equal(await workbench.confirm('Remove'), 'Remove the volume pages?');
        await row.waitFor({ state: 'detached' });
      },
    },
  ],
};

function optional(workbench: Parameters<typeof containerRow>[0], state: string) {
  return containerRow(workbench, state, 'busybox:latest');
}
