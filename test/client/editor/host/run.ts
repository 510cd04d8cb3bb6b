import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

interface TestResult {
  readonly title: string;
  readonly error?: string;
}

/**
 * Called by VS Code in the extension host. Writes the results to `SAMPAN_TEST_RESULTS`; throws when a test failed.
 * `SAMPAN_TEST_GREP` chooses tests by their names, `SAMPAN_TEST_RESTRICTED` those for a workspace without trust.
 */
export async function run(): Promise<void> {
  const { SAMPAN_TEST_GREP: grep } = process.env;
  const mocha = new Mocha({ ui: 'tdd', timeout: 30_000, ...(grep ? { grep } : {}) });
  // What Mocha does before it loads a file: puts `suite` and `test` into the global scope.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  if (process.env.SAMPAN_TEST_RESTRICTED) await import('./restricted.ts');
  else {
    await import('./activation.ts');
    await import('./language.ts');
    await import('./completion.ts');
    await import('./navigation.ts');
    await import('./editing.ts');
    await import('./views.ts');
    await import('./files.ts');
    await import('./build.ts');
    await import('./tasks.ts');
    await import('./server.ts');
  }
  const results = await runAll(mocha);
  writeFileSync(String(process.env.SAMPAN_TEST_RESULTS), JSON.stringify({ tests: results }));
  const failed = results.filter(({ error }) => error !== undefined).length;
  if (failed > 0) throw new Error(`${failed} tests failed`);
}

function runAll(mocha: Mocha): Promise<readonly TestResult[]> {
  return new Promise(resolve => {
    const results: TestResult[] = [];
    const runner = mocha.run(() => resolve(results));
    runner.on('pass', test => results.push({ title: test.fullTitle() }));
    runner.on('fail', (test, error: Error) =>
      results.push({ title: test.fullTitle(), error: error.stack ?? error.message }),
    );
  });
}
