import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

const dockerfile = `# VERSION is what is built
ARG VERSION=1
ARG TAG=v\${VERSION}

# tools has the compilers
FROM registry.invalid/base:\${TAG} AS tools
# JOBS run side by side
ARG JOBS=4
RUN --mount=type=secret,id=token,required=true \\
    --mount=type=ssh make -j$JOBS

FROM scratch AS unrelated
ARG NEVER=1

# release is what ships
FROM scratch AS release
COPY --from=tools /out /
`;

describe('a build that only asks', { skip: cannotRun }, () => {
  let box: CommandSandbox;
  let folder: string;
  before(async () => {
    box = await openSandbox();
    folder = join(box.folder, 'context');
    mkdirSync(folder);
    writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  });
  after(() => box.remove());

  test('--call=targets lists the stages with what the comments say', async () => {
    assert.equal(
      await box.ok('build', '--call=targets', folder),
      [
        'TARGET            DESCRIPTION',
        'tools             has the compilers',
        'unrelated         ',
        'release (default) is what ships',
      ].join('\n'),
    );
  });

  test('--call=outline lists what the target can be built with, of the stages that it needs', async () => {
    const result = await box.sampan(['build', '--call', 'outline', '--build-arg', 'JOBS=9', folder]);
    assert.equal(result.stderr, '');
    assert.equal(
      result.stdout,
      `TARGET:      release
DESCRIPTION: is what ships

BUILD ARG   VALUE   DESCRIPTION
VERSION     1       is what is built
TAG         v1      
JOBS        9       run side by side

SECRET   REQUIRED
token    true

SSH       REQUIRED
default   

`,
    );
    assert.match(await box.ok('build', '--call=outline', '--target=unrelated', folder), /^NEVER {7}1/m);
    const unknown = await box.sampan(['build', '--call=outline', '--target=nope', folder]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /"nope" could not be found/);
  });

  test('--call=METHOD,format=json has the shape of the Dockerfile frontend', async () => {
    const outline = JSON.parse(await box.ok('build', '--call=outline,format=json', folder));
    assert.equal(outline.name, 'release');
    assert.deepEqual(outline.args[1], { name: 'TAG', value: 'v1', location: at(3) });
    assert.deepEqual(outline.secrets, [{ name: 'token', required: true, location: at(9, 10) }]);
    const { targets, sources } = JSON.parse(await box.ok('build', '--call=targets,format=json', folder));
    assert.deepEqual(targets[0], {
      name: 'tools',
      description: 'has the compilers',
      base: `registry.invalid/base:\${TAG}`,
      location: at(6),
    });
    assert.equal(Buffer.from(sources[0], 'base64').toString(), dockerfile);
  });

  test('--check shows each warning with its lines and ends with 1', async () => {
    assert.equal(await box.ok('build', '--check', folder), 'Check complete, no warnings found.');
    const input = 'FROM registry.invalid/none\nWORKDIR a\nCMD echo hi\n';
    const found = await box.sampan(['build', '--check', '-'], { input });
    assert.equal(found.code, 1);
    assert.equal(found.stderr, '');
    assert.ok(
      found.stdout.startsWith(`Check complete, 2 warnings have been found!

WARNING: WorkdirRelativePath - https://docs.docker.com/go/dockerfile/rule/workdir-relative-path/
Relative workdir "a" can have unexpected results if the base image changes
Dockerfile:2
--------------------
   1 |     FROM registry.invalid/none
   2 | >>> WORKDIR a
   3 |     CMD echo hi
   4 |     
--------------------
`),
      found.stdout,
    );
    const ignored = await box.sampan(['build', '--call=check,ignorestatus=true', '-'], { input });
    assert.equal(ignored.code, 0);
  });

  test('--check reports what a build would fail with, after the warnings', async () => {
    const input = 'FROM scratch as a\nRUN --mount=type=nope true\n';
    const { code, stdout, stderr } = await box.sampan(['build', '--check', '-'], { input });
    assert.equal(code, 1);
    assert.match(stdout, /^Check complete, 1 warning has been found!\n\nWARNING: FromAsCasing/);
    assert.match(stderr, /^ERROR: .*mount type.*\nDockerfile:2\n-+\n.*\n.*>>> RUN/);
    const json = await box.sampan(['build', '--call=check,format=json', '-'], { input });
    const { warnings, buildError } = JSON.parse(json.stdout);
    assert.equal(json.code, 1);
    assert.equal(warnings[0].ruleName, 'FromAsCasing');
    assert.deepEqual(buildError.location, at(2));
  });

  test('--check knows the variables of a base image that is in the store, and of the target only what it needs', async () => {
    const known = await box.sampan(['build', '--check', '-'], { input: 'FROM base\nENV A=$UNKNOWN\n' });
    assert.match(known.stdout, /WARNING: UndefinedVar/);
    const input = 'FROM scratch AS a\nENV A=$UNKNOWN\nFROM scratch AS b\n';
    assert.equal((await box.sampan(['build', '--check', '-'], { input })).code, 1);
    const other = await box.sampan(['build', '--check', '--target=b', '-'], { input });
    assert.equal(other.stdout, 'Check complete, no warnings found.\n');
  });

  test('--check of a file that asks for failure names the rules', async () => {
    const input = '# check=error=true\nFROM scratch as a\n';
    const { code, stderr } = await box.sampan(['build', '--check', '-'], { input });
    assert.equal(code, 1);
    assert.equal(stderr, 'ERROR: lint violation found for rules: FromAsCasing\n');
  });

  test('a call that does not exist is a usage error', async () => {
    for (const call of ['nope', 'outline,targets', 'outline,format=xml', 'outline,other=1']) {
      assert.equal((await box.sampan(['build', `--call=${call}`, folder])).code, 125, call);
    }
  });
});

function at(first: number, last = first): object {
  const lines = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return { ranges: lines.map(line => ({ start: { line }, end: { line } })) };
}
