import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chapter } from '../chapter.ts';

export const writing: Chapter = {
  title: 'writing',
  steps: [
    {
      title: 'the views show what is there, and what to do when nothing is',
      run: async ({ workbench }) => {
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
        await workbench.append('RUNN make');
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
        await workbench.append('HEAL');
        await page.locator('.suggest-widget .monaco-list-row', { hasText: 'HEALTHCHECK' }).first().waitFor();
        await workbench.screenshot('completion');
        await page.keyboard.press('Escape');
        await workbench.revert();
      },
    },
    {
      title: 'Build to Here above a stage makes an image of that stage',
      run: async ({ workbench, workspace }) => {
        writeFileSync(
          join(workspace, 'Dockerfile'),
          'FROM busybox:latest AS first\nRUN echo one > /one\n\nFROM first\nRUN echo two > /two\n',
        );
        await workbench.open('Dockerfile');
        const built = workbench.row('Images', /^sample:first/);
        await workbench.pressLens('Build to Here', timeout => built.waitFor({ timeout }));
        await workbench.terminal(/Built sample:first in /);
        await workbench.screenshot('stages');
      },
    },
  ],
};
