import { type Chapter, containerRow, running } from '../chapter.ts';
import type { Workbench } from '../workbench.ts';

let other: Workbench;

export const windows: Chapter = {
  title: 'two windows',
  steps: [
    {
      title: 'a container that one window runs appears in the other',
      run: async ({ workbench, openWindow, sampan, workspace }) => {
        sampan(['build', '-t', 'sample:latest', workspace]);
        other = await openWindow();
        await other.openSideBar();
        await other.row('Images', /^sample:latest/).waitFor({ timeout: 60_000 });
        await other.pressInline(other.row('Images', /^sample:latest/), 'Run', timeout =>
          running(other).waitFor({ timeout }),
        );
        await running(workbench).waitFor();
      },
    },
    {
      title: 'Stop in another window stops it, and this tree says how it ended',
      run: async ({ workbench }) => {
        const exited = (window: Workbench) => containerRow(window, 'exited with code \\d+', 'sample:latest');
        await other.pressInline(running(other), 'Stop', timeout => exited(other).waitFor({ timeout }));
        await exited(workbench).waitFor();
        await workbench.pressInline(exited(workbench), 'Start', timeout =>
          running(workbench).waitFor({ timeout }),
        );
        await running(other).waitFor();
      },
    },
    {
      title: 'both build the same Dockerfile at once',
      run: async ({ workbench }) => {
        for (const window of [workbench, other]) {
          await window.open('Dockerfile');
          await window.command('Sampan: Build Image');
        }
        for (const window of [workbench, other]) await window.terminal(/Built .+ in .+ from the cache/);
        await other.screenshot('second-window');
        await other.page.close();
      },
    },
  ],
};
