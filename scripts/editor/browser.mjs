// Drives VS Code in Debian's Chromium by playwright-core; nothing but loopback is reachable.
import { chromium } from 'playwright-core';
import { findProgram } from '../setup.mjs';

/** @returns {Promise<import('playwright-core').Browser>} */
export function launchBrowser() {
  const executablePath = findProgram('chromium') ?? findProgram('google-chrome');
  if (executablePath === undefined) throw new Error('Chromium is missing: apt-get install chromium');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      // Chromium refuses its sandbox to root.
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
    ],
  });
}

/**
 * Opens a window with an extension under development. The server needs `--enable-smoke-test-driver`: without it the
 * workbench ignores the payload.
 * @param {import('playwright-core').Browser} browser
 * @param {object} options
 * @param {number} options.port of the server
 * @param {string} options.folder to open
 * @param {string} options.extension folder of the extension
 * @param {string} [options.tests] module that exports `run`; the window ends with it
 * @param {(text: string) => void} [options.onLog] what a test run prints
 */
export async function openWindow(browser, { port, folder, extension, tests, onLog = () => {} }) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const exited = new Promise(resolve => {
    page.exposeFunction('codeAutomationExit', code => resolve(code));
  });
  await page.exposeFunction('codeAutomationLog', (_type, args) => onLog(args.join(' ')));
  const remote = path => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ...(tests === undefined ? [] : [['extensionTestsPath', remote(tests)]]),
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  await page.goto(`http://127.0.0.1:${port}/?${query}`, { waitUntil: 'commit' });
  return { page, exited };
}

/** Waits until the workbench has restored its editors and views. */
export async function whenRestored(page) {
  await page.waitForFunction(() => globalThis.driver?.whenWorkbenchRestored, null, { timeout: 90_000 });
  await page.evaluate(() => globalThis.driver.whenWorkbenchRestored());
}
