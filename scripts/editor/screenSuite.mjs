// The suite that sees the window: test/client/editor/screen, by playwright in VS Code's server.
import { join } from 'node:path';
import { steps } from '../../test/client/editor/screen/steps.ts';
import { Workbench } from '../../test/client/editor/screen/workbench.ts';
import { root } from '../setup.mjs';
import { launchBrowser, openWindow, whenRestored } from './browser.mjs';
import { ensureEditor } from './install.mjs';
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

/** Runs the steps in their order; what comes after a failed one counts as failed. */
export async function runScreenSuite({ artifacts, folder, workspace, env, sampan }) {
  const server = await startEditorServer(ensureEditor(), {
    state: join(folder, 'screen'),
    settings: testSettings,
    env,
    args: ['--enable-smoke-test-driver', '--disable-workspace-trust', '--reconnection-grace-time', '5'],
  });
  const browser = await launchBrowser();
  const windows = [];
  const open = async () => {
    const { page } = await openWindow(browser, { port: server.port, folder: workspace, extension: root });
    page.setDefaultTimeout(20_000);
    const workbench = new Workbench(page, artifacts);
    windows.push(workbench);
    await whenRestored(page);
    return workbench;
  };
  try {
    const explain = () => describeFailure({ windows, sampan, logs: join(folder, 'screen/user/logs') });
    return await runSteps({ workbench: await open(), sampan, openWindow: open }, explain);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function runSteps(setting, explain) {
  let passed = 0;
  for (const step of steps) {
    try {
      await step.run(setting);
      passed += 1;
      console.log(`ok screen ${step.title}`);
    } catch (error) {
      console.log(`not ok screen ${step.title}\n${error.stack}`);
      console.log(await explain());
      for (const { title } of steps.slice(passed + 1)) console.log(`not ok screen ${title}: not reached`);
      return { passed, failed: steps.length - passed };
    }
  }
  return { passed, failed: 0 };
}
