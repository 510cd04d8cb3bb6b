import type { Chapter } from '../chapter.ts';

export const failedBuild: Chapter = {
  title: 'a failed build',
  steps: [
    {
      title: 'a build that fails is underlined on its line, and Problems has the end of its output',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.open('Dockerfile');
        await workbench.append('RUN echo this one fails && exit 3');
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
      title: 'Build with Options asks for tag, stage, arguments and cache',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await page.locator('.tab.active').waitFor();
        await workbench.open('Dockerfile');
        await page.keyboard.press('Control+Z');
        await page.keyboard.press('Control+S');
        await workbench.command('Sampan: Build Image with Options...');
        await workbench.answer('Build with options (1/4)', 'sample:options');
        await workbench.answer('Build with options (2/4)', '');
        await workbench.answer('Build with options (3/4)', 'UNUSED=1');
        await workbench.pick('Build with options (4/4)', 'Build every step again');
        await workbench.terminal(/Built sample:options in .*, 0 of \d+ steps from the cache/);
        await workbench.row('Images', /^sample:options/).waitFor();
      },
    },
    {
      title:
        'both are in the Builds view, with their logs; one is built again, and the failure leads to its line',
      run: async ({ workbench }) => {
        const { page } = workbench;
        await workbench.expand('Builds');
        const failed = workbench.row('Builds', /^build of sample:latest, failed after /);
        const built = workbench.row('Builds', /^build of sample:options, .* 0 of \d+ steps/);
        await built.waitFor();
        await workbench.chooseFromMenu(failed, 'Open Log');
        await workbench.showsDocument('.log', /this\sone\sfails/);
        await workbench.pressInline(failed, 'Go to Failing Line', timeout =>
          page.locator('.tab.active[data-resource-name="Dockerfile"]').waitFor({ timeout }),
        );
        await workbench.screenshot('builds');
        await workbench.chooseFromMenu(built, 'Build Again');
        await workbench
          .row('Builds', /^build of sample:options, /)
          .nth(1)
          .waitFor({ timeout: 60_000 });
        await workbench.chooseFromTitle('Builds', 'Clear History');
        await workbench.view('Builds').getByText('No builds in this workspace yet').waitFor();
      },
    },
  ],
};
