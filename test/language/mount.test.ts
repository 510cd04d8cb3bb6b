import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { splitCsv } from '../../server/language/instructions/csv.ts';
import { resolveMount } from '../../server/language/instructions/mount.ts';
import { parse } from '../../server/language/instructions/parse.ts';
import type { Mount, MountFlag } from '../../server/language/instructions/types.ts';

function flag(value: string): MountFlag {
  const run = parse(`FROM a\nRUN --mount=${value} x`).stages[0]?.instructions[0];
  assert.ok(run?.kind === 'RUN' && run.mounts[0], value);
  return run.mounts[0];
}

const resolve = (value: string): Mount => resolveMount(flag(value), word => word.replace('$ID', 'npm'));

function refusal(value: string): string {
  try {
    resolve(value);
  } catch (error) {
    assert.ok(isSampanError(error, 'dockerfile-invalid'));
    return error.message;
  }
  throw new assert.AssertionError({ message: `${value} was accepted` });
}

test('a mount is a read-only bind unless it says otherwise', () => {
  const mount = resolve('target=/a');
  assert.deepEqual([mount.type, mount.target, mount.readOnly, mount.from], ['bind', '/a', true, undefined]);
  assert.equal(resolve('target=/a,rw').readOnly, false);
  assert.equal(resolve('target=/a,readwrite=false').readOnly, true);
  assert.equal(resolve('type=cache,target=/a').readOnly, false);
  assert.equal(resolve('type=cache,target=/a,ro').readOnly, true);
});

test('keys have short names and any case', () => {
  const mount = resolve('TYPE=Cache,dst=/a,src=b,from=c,id=$ID,sharing=locked,mode=0755,uid=1,gid=2');
  assert.deepEqual(
    [
      mount.type,
      mount.target,
      mount.source,
      mount.from,
      mount.id,
      mount.sharing,
      mount.mode,
      mount.uid,
      mount.gid,
    ],
    ['cache', '/a', 'b', 'c', 'npm', 'locked', 0o755, 1, 2],
  );
  assert.equal(resolve('type=tmpfs,destination=/a,size=64m').size, 64 * 1024 * 1024);
});

test('secrets are files or variables', () => {
  const mount = resolve('type=secret,id=token,env=TOKEN,required');
  assert.deepEqual([mount.id, mount.env, mount.required], ['token', 'TOKEN', true]);
});

test('what does not fit the type is refused', () => {
  assert.match(refusal('type=bnd'), /unsupported mount type "bnd" \(did you mean bind\?\)/);
  assert.match(refusal('targt=/a'), /unexpected key 'targt' in 'targt=\/a' \(did you mean target\?\)/);
  assert.match(refusal('type=cache,target'), /must be a key=value pair/);
  assert.match(refusal('type=bind,size=1'), /unexpected key 'size' for mount type 'bind'/);
  assert.match(refusal('type=bind,sharing=shared'), /invalid cache sharing/);
  assert.match(refusal('type=bind,uid=1'), /uid not allowed/);
  assert.match(refusal('type=secret'), /one of source, target required/);
  assert.match(refusal('type=secret,id=a,source=b'), /both source and id/);
  assert.match(refusal('type=secret,id=a,from=b'), /should not have a from/);
  assert.match(refusal('type=cache,target=/a,mode=9'), /invalid value 9 for mode/);
  assert.match(refusal('type=cache,target=/a,ro=maybe'), /invalid value for ro/);
  assert.match(refusal('__proto__=1'), /unexpected key/);
});

test('a stage to mount from cannot be a variable', () => {
  const text = 'FROM a\nRUN --mount=from=$X,target=/a x';
  const [problem] = parse(text).problems;
  assert.deepEqual([problem?.code, text.slice(problem?.start, problem?.end)], ['variable-in-from', '$X']);
});

test('a device has a name and may be required', () => {
  const read = (value: string) => {
    const file = parse(`FROM a\nRUN --device=${value} x`);
    const run = file.stages[0]?.instructions[0];
    assert.ok(run?.kind === 'RUN');
    return { device: run.devices[0], codes: file.problems.map(({ code }) => code) };
  };
  assert.deepEqual(read('vendor.com/gpu=0'), {
    device: { name: 'vendor.com/gpu=0', required: false },
    codes: [],
  });
  assert.deepEqual(read('name=x,required'), { device: { name: 'x', required: true }, codes: [] });
  assert.deepEqual(read('x,required=false').device, { name: 'x', required: false });
  for (const value of ['x,name=y', 'x,y', 'x,y=z', 'x,required=maybe', '\\"x']) {
    assert.deepEqual(read(value).codes, ['invalid-device'], value);
  }
});

test('fields may be quoted as in CSV', () => {
  const read = splitCsv('a,"b,""c""",');
  assert.ok(read.error === undefined);
  assert.deepEqual(
    read.fields.map(({ text }) => text),
    ['a', 'b,"c"', ''],
  );
  for (const line of ['a"b', '"a', '"a"b']) assert.notEqual(splitCsv(line).error, undefined, line);
});
