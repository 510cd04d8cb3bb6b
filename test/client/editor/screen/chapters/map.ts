import assert from 'node:assert/strict';
import type { FrameLocator } from 'playwright-core';
import { type Chapter, containerRow } from '../chapter.ts';
import type { Workbench } from '../workbench.ts';

/** What the step about security touches in the page. */
interface PageGlobals {
  readonly location: { readonly href: string };
  readonly document: {
    readonly createElement: (name: string) => { textContent: string };
    readonly body: {
      readonly append: (element: unknown) => void;
      readonly dataset: { readonly [name: string]: string | undefined };
    };
  };
}

/** The page inside the editor of the map. */
function map({ page }: Workbench): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}

const node = (workbench: Workbench, label: RegExp) =>
  map(workbench).getByRole('button', { name: label }).first();

export const mapChapter: Chapter = {
  title: 'map',
  steps: [
    {
      title: 'the map shows images, containers, volumes and links, and follows what happens',
      run: async ({ workbench, sampan }) => {
        const keep = ['busybox:latest', 'sleep', '600'];
        sampan(['run', '-d', '--init', '--name', 'db', '-v', 'records:/var/lib/db', ...keep]);
        sampan([
          'run',
          '-d',
          '--init',
          '--name',
          'web',
          '--link',
          'db:database',
          '-p',
          '127.0.0.1::80',
          ...keep,
        ]);
        await workbench.command('Sampan: Open Map');
        await node(workbench, /^web, running/).waitFor({ timeout: 60_000 });
        await node(workbench, /^volume records/).waitFor();
        await node(workbench, /^busybox:latest/).waitFor();
        await map(workbench).locator('.edge.links:not(.broken)').waitFor({ state: 'attached' });
        await workbench.screenshot('map');
        sampan(['stop', '-t', '0', 'db']);
        await map(workbench).locator('.edge.links.broken').waitFor({ state: 'attached', timeout: 30_000 });
        await node(workbench, /^db, exited with code/).waitFor();
      },
    },
    {
      title: 'arrow keys walk through it, Enter goes to the row in its tree',
      run: async ({ workbench }) => {
        const { keyboard } = workbench.page;
        const image = node(workbench, /^busybox:latest/);
        await image.focus();
        await keyboard.press('ArrowRight');
        const focused = map(workbench).locator('.node:focus');
        assert.match((await focused.getAttribute('aria-label')) ?? '', /^(web|db), /);
        await keyboard.press('ArrowLeft');
        assert.match((await focused.getAttribute('aria-label')) ?? '', /^busybox:latest/);
        await keyboard.press('Enter');
        await workbench.page
          .locator('.monaco-list-row.selected[aria-label^="busybox:latest"]')
          .waitFor({ timeout: 30_000 });
      },
    },
    {
      title: 'the menu of a node does what that of its row does',
      run: async ({ workbench, sampan }) => {
        await node(workbench, /^web, running/).click({ button: 'right' });
        await workbench.chooseFromOpenMenu('Kill');
        await containerRow(workbench, 'exited with code 137', 'busybox:latest').waitFor({ timeout: 30_000 });
        await node(workbench, /^web, exited with code 137/).waitFor();
        assert.match(sampan(['ps', '-a', '--format', '{{.Names}} {{.Status}}']), /web Exited \(137\)/);
      },
    },
    {
      title: 'the same is a list, and a dark and a high-contrast theme draw it in their colours',
      run: async ({ workbench }) => {
        const { page } = workbench;
        for (const theme of ['Dark 2026', 'Dark High Contrast']) {
          await workbench.command('Preferences: Color Theme');
          await page.keyboard.type(theme);
          await page.keyboard.press('Enter');
          await node(workbench, /^web, /).waitFor();
          await workbench.screenshot(`map-${theme.toLowerCase().replaceAll(' ', '-')}`);
        }
        await map(workbench).getByLabel('List').check();
        await map(workbench)
          .getByRole('listitem')
          .filter({ hasText: /^web reaches db as database/ })
          .waitFor();
        await map(workbench).getByRole('heading', { name: 'Containers' }).waitFor();
        await map(workbench)
          .getByLabel(/Show what nothing uses/)
          .check();
        await workbench.screenshot('map-list');
        await map(workbench).getByLabel('List').uncheck();
        await workbench.command('Preferences: Color Theme');
        await page.keyboard.type('Light 2026');
        await page.keyboard.press('Enter');
      },
    },
    {
      title: 'its page runs nothing and loads nothing that is not its own',
      run: async ({ workbench }) => {
        const ran = await map(workbench)
          .locator('body')
          .evaluate(async () => {
            const { document, location } = globalThis as unknown as PageGlobals;
            const script = document.createElement('script');
            script.textContent = 'document.body.dataset.ran = "yes"';
            document.body.append(script);
            const loaded = await fetch(location.href).then(
              () => true,
              () => false,
            );
            return [document.body.dataset.ran === 'yes', loaded];
          });
        assert.deepEqual(ran, [false, false]);
      },
    },
  ],
};
