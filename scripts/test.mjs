// `npm test`: sets a fresh machine up, builds, and runs every suite; ends with `N passed, N failed`.
//   npm test -- language engine      only these suites
//   npm test -- --lane user engine   only this lane
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { availableLanes, runInLane } from './lanes.mjs';
import { ensureNodePackages, ensureSystemPackages, projectNode, root } from './setup.mjs';
import { runInVm, vmUnavailable } from './vm.mjs';

/** Folders below test/. Those that touch the kernel run in both lanes. */
const suites = [
  { name: 'rules', lanes: false },
  { name: 'common', lanes: false },
  { name: 'language', lanes: false },
  { name: 'native', lanes: false },
  { name: 'engine', lanes: true },
  { name: 'runtime', lanes: true },
  { name: 'session', lanes: true },
  { name: 'cli', lanes: true },
  { name: 'client', lanes: false },
  { name: 'conformance', lanes: false },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { lane: { type: 'string' }, 'no-build': { type: 'boolean' } },
});
const wanted = name => positionals.length === 0 || positionals.includes(name);
const totals = { passed: 0, failed: 0, skipped: [] };

ensureNodePackages();
ensureSystemPackages('build', 'run', 'test');
if (!values['no-build']) run('build', ['scripts/build.mjs']);

for (const suite of suites.filter(suite => wanted(suite.name))) {
  const lanes = suite.lanes ? availableLanes() : [availableLanes()[0]];
  for (const lane of lanes.filter(lane => !values.lane || lane === values.lane)) await runSuite(suite, lane);
}
if (wanted('v2')) await runVmLanes();
if (wanted('editor')) runEditorSuite();

if (totals.skipped.length > 0)
  console.log(`\nSkipped:\n${totals.skipped.map(line => `  ${line}`).join('\n')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;

function run(what, args) {
  console.log(`# ${what}`);
  const result = spawnSync(projectNode(), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    console.error(`${what} failed`);
    process.exit(1);
  }
}

async function runSuite(suite, lane) {
  const files = testFiles(suite.name).filter(file => !file.startsWith('test/client/editor/'));
  if (files.length === 0) return;
  const label = suite.lanes ? `${suite.name} (${lane})` : suite.name;
  console.log(`\n# ${label}`);
  const folder = mkdtempSync(join(tmpdir(), 'sampan-counts-'));
  spawnSync('chmod', ['1777', folder]);
  const counts = join(folder, 'counts.json');
  const args = testArguments({ counts, files, timeoutSeconds: 300 });
  const code = await runInLane(lane, { node: projectNode(), args, env: laneEnvironment() });
  collect(label, { code, counts });
  rmSync(folder, { recursive: true, force: true });
}

function testFiles(suite) {
  const folder = join(root, 'test', suite);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).filter(name => name.endsWith('.test.ts'));
  return names.map(name => `test/${suite}/${name}`).sort();
}

function testArguments({ counts, files, timeoutSeconds }) {
  return [
    '--test',
    `--test-timeout=${timeoutSeconds * 1000}`,
    '--test-reporter=dot',
    '--test-reporter-destination=stdout',
    '--test-reporter=./scripts/count-reporter.mjs',
    `--test-reporter-destination=${counts}`,
    ...files,
  ];
}

function laneEnvironment() {
  const conformance = process.env.SAMPAN_CONFORMANCE;
  return { NODE_NO_WARNINGS: '1', ...(conformance ? { SAMPAN_CONFORMANCE: conformance } : {}) };
}

function collect(label, { code, counts }) {
  const result = existsSync(counts) && readFileSync(counts, 'utf8').trim();
  if (!result) {
    console.error(`${label}: the runner ended with code ${code} and no counts`);
    totals.failed += 1;
    return;
  }
  const { passed, failed, skipped, failures } = JSON.parse(result);
  totals.passed += passed;
  totals.failed += code !== 0 && failed === 0 ? 1 : failed;
  totals.skipped.push(...skipped.map(reason => `${label}: ${reason}`));
  for (const failure of failures) console.log(`not ok ${label}: ${failure}`);
  console.log(`${label}: ${passed} passed, ${failed} failed, ${skipped.length} skipped`);
}

/** What depends on cgroups runs once more where cgroup v2 has every controller, as root and delegated to a user. */
async function runVmLanes() {
  const reason = vmUnavailable();
  const files = [...testFiles('engine'), ...testFiles('runtime')].filter(file => file.includes('limits'));
  for (const user of [false, true]) {
    const label = `cgroup v2 (${user ? 'user' : 'root'}, virtual machine)`;
    console.log(`\n# ${label}`);
    if (reason) {
      totals.skipped.push(`${label}: ${reason}`);
      continue;
    }
    const share = mkdtempSync(join(tmpdir(), 'sampan-counts-'));
    spawnSync('chmod', ['1777', share]);
    const counts = join(share, 'counts.json');
    const args = testArguments({ counts, files, timeoutSeconds: 600 });
    const code = await runInVm({
      user,
      node: projectNode(),
      args,
      env: laneEnvironment(),
      share,
      timeoutSeconds: 900,
    });
    collect(label, { code, counts });
    rmSync(share, { recursive: true, force: true });
  }
}

/** The real editor has a runner of its own; its last line counts. */
function runEditorSuite() {
  console.log('\n# editor');
  const result = spawnSync(projectNode(), ['scripts/test-editor.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(result.stdout);
  const last = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(result.stdout.trimEnd());
  totals.passed += Number(last?.[1] ?? 0);
  totals.failed += last ? Number(last[2]) : 1;
  if (last && last[2] === '0' && result.status !== 0) totals.failed += 1;
}
