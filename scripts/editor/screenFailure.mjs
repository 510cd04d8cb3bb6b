// What somebody who reads only the log of a failed run needs to know.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const logLines = 60;

/**
 * Screenshots of all windows, and in words their rows, the containers and the end of the extension's logs.
 * @param {object} what
 * @param {readonly import('../../test/client/editor/screen/workbench.ts').Workbench[]} what.windows
 * @param {(args: readonly string[]) => string} what.sampan
 * @param {string} what.logs folder of VS Code's logs
 */
export async function describeFailure({ windows, sampan, logs }) {
  const parts = [];
  for (const [index, workbench] of windows.entries()) {
    if (workbench.page.isClosed()) continue;
    await workbench.screenshot(`failure-window-${index + 1}`);
    parts.push(heading(`window ${index + 1}`), ...(await workbench.rows()), ...(await workbench.questions()));
  }
  parts.push(
    heading('sampan ps -a'),
    attempt(() => sampan(['ps', '-a'])),
  );
  for (const file of extensionLogs(logs))
    parts.push(heading(file), tail(readFileSync(join(logs, file), 'utf8')));
  return parts.map(part => `  | ${part.replaceAll('\n', '\n  | ')}`).join('\n');
}

function heading(text) {
  return `--- ${text}`;
}

function attempt(act) {
  try {
    return act();
  } catch (error) {
    return error.message;
  }
}

/** Of each window: the extension's own words with the server's, and the extension host's. */
function extensionLogs(folder) {
  return existsSync(folder) ? globSync('**/{*Sampan,remoteexthost}.log', { cwd: folder }).sort() : [];
}

function tail(text) {
  return text.trimEnd().split('\n').slice(-logLines).join('\n');
}
