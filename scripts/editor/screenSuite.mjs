// The suite that sees the window: test/client/editor/screen, by playwright in VS Code's server.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandIds } from '../../client/contributions.ts';
import { chapters } from '../../test/client/editor/screen/chapters.ts';
import { reset } from '../../test/client/editor/screen/reset.ts';
import { Workbench } from '../../test/client/editor/screen/workbench.ts';
import { root } from '../setup.mjs';
import { launchBrowser, openWindow, whenRestored } from './browser.mjs';
import { ensureEditor } from './install.mjs';
import { installOtherServer } from './otherServer.mjs';
import { describeFailure } from './screenFailure.mjs';
import { startEditorServer } from './server.mjs';

/** Settings that make the window the same each time and readable for the driver. */
const testSettings = {
  'editor.accessibilitySupport': 'off',
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'terminal.integrated.gpuAcceleration': 'off',
  'window.commandCenter': false,
  'window.dialogStyle': 'custom',
  'workbench.layoutControl.enabled': false,
  'workbench.reduceMotion': 'on',
};

/**
 * Runs the chapters. What comes after a failed step in its chapter is not reached and counts as failed.
 * @param {object} run
 * @param {RegExp} run.chapters only those whose title matches
 */
export async function runScreenSuite({ artifacts, folder, workspace, env, sampan, chapters: chosen }) {
  installOtherServer(join(folder, 'screen'));
  const server = await startEditorServer(ensureEditor(), {
    state: join(folder, 'screen'),
    settings: testSettings,
    env,
    args: ['--enable-smoke-test-driver', '--disable-workspace-trust', '--reconnection-grace-time', '5'],
  });
  const browser = await launchBrowser();
  const windows = [];
  let shots = 0;
  const keepScreenshot = name => join(artifacts, `${String(++shots).padStart(2, '0')}-${name}.png`);
  const openAnother = async () => {
    const { page } = await openWindow(browser, { port: server.port, folder: workspace, extension: root });
    page.setDefaultTimeout(30_000);
    const workbench = new Workbench(page, keepScreenshot);
    windows.push(workbench);
    await whenRestored(page);
    return workbench;
  };
  const logs = join(folder, 'screen/user/logs');
  try {
    const workbench = await openAnother();
    const setting = { workbench, sampan, openWindow: openAnother, workspace, folder };
    const all = { passed: 0, failed: 0 };
    for (const chapter of chapters.filter(({ title }) => chosen.test(title))) {
      const done = await runChapter(chapter, setting, () => describeFailure({ windows, sampan, logs }));
      all.passed += done.passed;
      all.failed += done.failed;
    }
    if (chosen.source === '.' && all.failed === 0) {
      const unused = unusedCommands(logs);
      console.log(
        `${unused.length === 0 ? 'ok' : 'not ok'} every command is used: ${unused.join(', ') || 'all'}`,
      );
      all[unused.length === 0 ? 'passed' : 'failed'] += 1;
    }
    return all;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Commands that no step used: the extension logs each that is called. */
function unusedCommands(logs) {
  const texts = globSync('**/*Sampan.log', { cwd: logs }).map(file => readFileSync(join(logs, file), 'utf8'));
  const used = new Set(texts.flatMap(text => [...text.matchAll(/ Command (\S+)/g)].map(([, id]) => id)));
  return commandIds.filter(id => !used.has(id));
}

async function runChapter({ title: chapter, steps }, setting, explain) {
  const begin = { title: 'begins', run: () => reset(setting, join(root, 'test/sample')) };
  for (const [index, step] of [begin, ...steps].entries()) {
    const title = `${chapter}: ${step.title}`;
    try {
      await step.run(setting);
      if (step !== begin) console.log(`ok ${title}`);
    } catch (error) {
      console.log(`not ok ${title}\n${error.stack}\n${await explain()}`);
      for (const missed of steps.slice(index)) console.log(`not ok ${chapter}: ${missed.title}: not reached`);
      const passed = Math.max(index - 1, 0);
      return { passed, failed: steps.length - passed };
    }
  }
  return { passed: steps.length, failed: 0 };
}
