import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chapter, Setting } from '../chapter.ts';

const text = `FROM busybox:latest as maker
RUN echo made > /made

FROM busybox:latest
COPY --link --from=maker /made /
`;

/** Waits until the editor shows a text. */
const shows = ({ workbench }: Setting, wanted: RegExp) => workbench.showsDocument('Dockerfile', wanted);

export const language: Chapter = {
  title: 'language',
  steps: [
    {
      title: 'keys of a mount are offered as they are typed',
      run: async setting => {
        const { workbench, workspace } = setting;
        const { page } = workbench;
        writeFileSync(join(workspace, 'Dockerfile'), text);
        await workbench.open('Dockerfile');
        await shows(setting, /as\smaker/);
        await workbench.append('RUN --mount=type=cache,');
        await page.locator('.suggest-widget .monaco-list-row', { hasText: 'sharing' }).first().waitFor();
        await workbench.screenshot('mount-keys');
        await page.keyboard.press('Escape');
        await workbench.revert();
      },
    },
    {
      title: 'F2 renames a stage everywhere, behind a second flag too',
      run: async setting => {
        const { workbench } = setting;
        const { page } = workbench;
        const input = page.locator('.rename-box input');
        await workbench.until(
          timeout => input.waitFor({ timeout }),
          async () => {
            await page.locator('.editor-instance .monaco-editor').first().click();
            for (const key of ['Control+Home', 'End', 'F2']) await page.keyboard.press(key);
          },
        );
        await input.fill('builder');
        await input.press('Enter');
        await shows(setting, /as\sbuilder.*--from=builder/s);
      },
    },
    {
      title: 'a quick fix mends the line that is underlined',
      run: async setting => {
        const { workbench } = setting;
        const { page } = workbench;
        const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'AS' }).first();
        await workbench.until(
          timeout => fix.waitFor({ timeout }),
          async () => {
            await page.keyboard.press('Escape');
            await page.locator('.editor-instance .monaco-editor').first().click();
            // Onto the word `as`, which stands before the name.
            for (const key of ['Control+Home', 'End', 'Control+ArrowLeft', 'ArrowLeft', 'ArrowLeft']) {
              await page.keyboard.press(key);
            }
            await page.keyboard.press('Control+.');
          },
        );
        await workbench.screenshot('quick-fix');
        await workbench.until(
          () => shows(setting, /AS\sbuilder/),
          timeout => fix.click({ timeout }),
        );
      },
    },
    {
      title: 'F12 leads from a stage that is copied from to its FROM',
      run: async setting => {
        const { workbench } = setting;
        const { page } = workbench;
        const onFirstLine = page.locator('.line-numbers.active-line-number', { hasText: /^1$/ }).first();
        await workbench.until(
          timeout => onFirstLine.waitFor({ timeout }),
          async () => {
            await page.locator('.editor-instance .monaco-editor').first().click();
            // Into `builder` of the last line with text.
            for (const key of ['Control+End', 'ArrowUp', 'Home']) await page.keyboard.press(key);
            for (let times = 0; times < 22; times++) await page.keyboard.press('ArrowRight');
            await page.keyboard.press('F12');
          },
        );
        await workbench.revert();
      },
    },
  ],
};
