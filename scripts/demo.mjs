// The main job, once, by the command line: build, run, fetch, clean up. Its state is a folder of its own.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ensureBaseImage } from './baseImage.mjs';
import { commandOn, removeState } from './command.mjs';
import { root } from './setup.mjs';

const containerPort = 8080;

/**
 * Prints a line for each step. Throws when one fails; cleans up either way.
 * @param {string} folder with the Dockerfile
 */
export async function runDemo(folder) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(`Sampan ${version} on ${basename(folder)}/Dockerfile`);
  const state = mkdtempSync(join(tmpdir(), 'sampan-start-'));
  const sampan = commandOn(state);
  try {
    step('Base image', await ensureBaseImage({ sampan, temporary: state }));
    const built = timed(() => sampan(['build', '-t', 'sample', folder]));
    step('Build', `sample:latest in ${built.text}`);
    const run = timed(() => sampan(['run', '-d', '-p', `127.0.0.1::${containerPort}`, 'sample']));
    const [container] = JSON.parse(sampan(['inspect', run.value]));
    const [{ HostPort: port }] = container.NetworkSettings.Ports[`${containerPort}/tcp`];
    const name = container.Name.replace(/^\//, '');
    step('Run', `${name} in ${run.text}, its port ${containerPort} is 127.0.0.1:${port}`);
    const url = `http://127.0.0.1:${port}/`;
    step('Fetch', `${url} says "${await fetchHeading(url)}"`);
    sampan(['stop', name]);
    sampan(['rm', '-v', name]);
    step('Stop', `${name} stopped and removed`);
  } finally {
    removeState(state);
  }
  step('Clean up', 'images, volumes and state removed');
}

function step(name, text) {
  console.log(`  ${name.padEnd(11)} ${text}`);
}

function timed(work) {
  const start = performance.now();
  const value = work();
  const milliseconds = performance.now() - start;
  return {
    value,
    text: milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`,
  };
}

/** The page's first heading; asks again for ten seconds, because the server inside needs a moment to listen. */
async function fetchHeading(url) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      const heading = /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1];
      if (heading === undefined) throw new Error(`it answered ${response.status} without a heading`);
      return heading;
    } catch (error) {
      if (performance.now() > deadline)
        throw new Error(
          `${url} did not show the page within ten seconds: ${error.cause?.message ?? error.message}`,
        );
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}
