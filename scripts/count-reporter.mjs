// A node:test reporter for scripts/test.mjs: one JSON line at the end with counts, failures and skip reasons.
export default async function* report(source) {
  const result = { passed: 0, failed: 0, skipped: [], failures: [] };
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { details, name, file, skip } = event.data;
    if (details?.type === 'suite') continue;
    if (skip !== undefined)
      result.skipped.push(`${name}${typeof skip === 'string' && skip ? `: ${skip}` : ''}`);
    else if (event.type === 'test:pass') result.passed += 1;
    else {
      result.failed += 1;
      result.failures.push(`${name} (${file ?? ''})`);
    }
  }
  yield `${JSON.stringify(result)}\n`;
}
