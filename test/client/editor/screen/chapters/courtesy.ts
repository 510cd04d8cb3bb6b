import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chapter, Setting } from '../chapter.ts';

const question = /Container Tools offers completion, hovers, outline and formatting in Dockerfiles too/;

/** The user's settings as the editor keeps them, without comments. */
const settingsFile = ({ folder }: Setting) => join(folder, 'screen/user/User/settings.json');
const readSettings = (setting: Setting) => JSON.parse(readFileSync(settingsFile(setting), 'utf8'));

/** Another extension serves Dockerfiles too: see scripts/editor/otherServer.mjs. */
export const courtesy: Chapter = {
  title: 'courtesy',
  steps: [
    {
      title: 'who has another Dockerfile language server is asked whose help is wanted',
      run: async setting => {
        const { workbench } = setting;
        await workbench.open('Dockerfile');
        await workbench.notification(question);
        await workbench.screenshot('courtesy');
        await workbench.pressInNotification(question, "Turn Sampan's Off");
        await workbench.eventually(() => readSettings(setting)['sampan.language.assistance'] === false);
      },
    },
    {
      title: 'findings stay, and nobody is asked again',
      run: async ({ workbench }) => {
        await workbench.append('RUNN make');
        await workbench.page.locator('.squiggly-error').first().waitFor();
        await workbench.page.keyboard.press('Escape');
        await workbench.revert();
        const questions = await workbench.questions();
        if (questions.some(text => question.test(text))) throw new Error(`It asks again: ${questions}`);
      },
    },
    {
      title: 'completion comes back with a setting of the workspace',
      run: async setting => {
        const { workbench } = setting;
        // What the workspace says counts before what the user has answered.
        mkdirSync(join(setting.workspace, '.vscode'), { recursive: true });
        const settings = { 'sampan.language.assistance': true };
        writeFileSync(join(setting.workspace, '.vscode/settings.json'), JSON.stringify(settings));
        const { page } = workbench;
        const row = page.locator('.suggest-widget .monaco-list-row', { hasText: 'HEALTHCHECK' }).first();
        await workbench.append('HEAL');
        await workbench.until(
          timeout => row.waitFor({ timeout }),
          async () => {
            await page.keyboard.press('Escape');
            await page.keyboard.press('Control+Space');
          },
        );
        await page.keyboard.press('Escape');
        await workbench.revert();
      },
    },
  ],
};
