import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isSampanError, type SampanError } from '../../server/common/errors.ts';
import { outputOf, testBuild } from './build-bench.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';
import { tarOf } from './tar-support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

async function failure(build: Promise<unknown>): Promise<SampanError> {
  try {
    await build;
  } catch (error) {
    assert.ok(isSampanError(error), String(error));
    return error;
  }
  return assert.fail('the build passed');
}

/** What a last RUN prints. */
async function shown(dockerfile: string, script: string, build = testBuild(bench)): Promise<string> {
  return (await build.run(`${dockerfile}\nRUN ${script}\n`)).output;
}

test('a build runs its steps, and the image runs', { skip }, async () => {
  const build = testBuild(bench, { 'a.txt': 'hello' });
  const { image, steps, hits } = await build.run(
    'FROM busybox\nWORKDIR /srv\nCOPY a.txt ./b/\nRUN cat b/a.txt > c && echo done\nCMD ["cat", "c"]\n',
    { tags: ['first:1'] },
  );
  assert.equal(steps, 3);
  assert.equal(hits, 'mmm');
  assert.deepEqual(image.tags, ['docker.io/library/first:1']);
  const { stdout } = await bench.runToEnd({ image: 'first:1', network: 'none' });
  assert.equal(stdout, 'hello');
});

test('a second build is cached throughout and gives the very same image', { skip }, async () => {
  const build = testBuild(bench, { 'a.txt': 'x', 'b/c': 'y' });
  const dockerfile =
    'FROM busybox\nCOPY . /ctx/\nRUN echo 1 > /r\nENV A=1\nCOPY --from=busybox /etc/passwd /p\n';
  const first = await build.run(dockerfile);
  const second = await build.run(dockerfile);
  assert.equal(second.hits, 'HHH');
  assert.equal(second.image.id, first.image.id);
  assert.equal(second.cachedSteps, 3);
});

test('the cache survives a restart', { skip }, async () => {
  const build = testBuild(bench, { f: '1' });
  await build.run('FROM busybox\nCOPY f /f\nRUN true\n');
  const other = await bench.reopen();
  const again = testBuild({ ...bench, engine: other }, { f: '1' });
  assert.equal((await again.run('FROM busybox\nCOPY f /f\nRUN true\n')).hits, 'HH');
});

test('a changed file is seen: by content, not by size or time', { skip }, async () => {
  const build = testBuild(bench, { 'd/f': 'one', 'd/g': 'two' });
  const dockerfile = 'FROM busybox\nCOPY d /d\n';
  const path = join(build.directory, 'd/f');
  assert.equal((await build.run(dockerfile)).hits, 'm');
  utimesSync(path, 1, 1);
  assert.equal((await build.run(dockerfile)).hits, 'H');
  writeFileSync(path, 'uno');
  utimesSync(path, 1, 1);
  assert.equal((await build.run(dockerfile)).hits, 'm');
  writeFileSync(join(build.directory, 'new'), 'due');
  utimesSync(join(build.directory, 'new'), 1, 1);
  renameSync(join(build.directory, 'new'), path);
  assert.equal((await build.run(dockerfile)).hits, 'm');
  writeFileSync(path, 'one');
  assert.equal((await build.run(dockerfile)).hits, 'H');
});

test('the mode of a nested directory is part of what COPY depends on', { skip }, async () => {
  const build = testBuild(bench, { 'd/e/f': '1' });
  await build.run('FROM busybox\nCOPY d /d\n');
  chmodSync(join(build.directory, 'd/e'), 0o700);
  const { hits } = await build.run('FROM busybox\nCOPY d /d\n');
  assert.equal(hits, 'm');
});

test('a stage that ran again but made the same files keeps the cache behind COPY --from', {
  skip,
}, async () => {
  const build = testBuild(bench);
  const dockerfile = (comment: string) =>
    `FROM busybox AS b\nRUN echo same > /out # ${comment}\nFROM busybox\nCOPY --from=b /out /o\nRUN cat /o\n`;
  assert.equal((await build.run(dockerfile('1'))).hits, 'mmm');
  assert.equal((await build.run(dockerfile('2'))).hits, 'mHH');
});

test('a missing COPY source fails before any RUN starts, on its line', { skip }, async () => {
  const build = testBuild(bench, { there: '' });
  const started: string[] = [];
  const error = await failure(
    build.run('FROM busybox\nRUN sleep 5\nCOPY there nowhere /x/\n', {
      onProgress: event => {
        if (event.kind === 'start') started.push(event.step);
      },
    }),
  );
  assert.equal(error.code, 'not-found');
  assert.equal(error.detail.line, 3);
  assert.match(error.message, /"\/nowhere": not found/);
  assert.equal(started.length, 1);
});

test('a failing RUN says its line, exit code and the end of its output', { skip }, async () => {
  const error = await failure(testBuild(bench).run('FROM busybox\nRUN echo before; \\\n  exit 3\n'));
  assert.equal(error.code, 'build-failed');
  assert.deepEqual(
    [error.detail.line, error.detail.endLine, error.detail.exitCode, error.detail.output],
    [2, 3, 3, 'before'],
  );
  assert.deepEqual(await bench.engine.images.find('failing'), undefined);
});

test('a command that does not exist fails with 127', { skip }, async () => {
  const error = await failure(testBuild(bench).run('FROM busybox\nRUN ["/no/such"]\n'));
  assert.equal(error.code, 'build-failed');
  assert.equal(error.detail.exitCode, 127);
});

test('cancelling kills what runs and leaves nothing', { skip }, async () => {
  const stop = new AbortController();
  const build = testBuild(bench);
  const before = readdirSync(join(bench.root, 'snapshots')).length;
  const error = await failure(
    build.run('FROM busybox\nRUN echo started; sleep 1000\n', {
      signal: stop.signal,
      tags: ['cancelled:1'],
      onProgress: event => {
        if (event.kind === 'output') stop.abort();
      },
    }),
  );
  assert.equal(error.code, 'cancelled');
  assert.equal(await bench.engine.images.find('cancelled:1'), undefined);
  assert.deepEqual(
    readdirSync(join(bench.root, 'active')).filter(name => name.startsWith('build-')),
    [],
  );
  assert.deepEqual(readdirSync(join(bench.run, 'b')), []);
  const other = await bench.reopen();
  await other.close();
  assert.ok(readdirSync(join(bench.root, 'snapshots')).length <= before + 1);
});

test('the ignore file hides files from COPY and bind mounts, and exceptions come back', {
  skip,
}, async () => {
  const files = {
    '.dockerignore': 'out\n*.log\n!keep.log\n',
    'a.log': '',
    'keep.log': '',
    'out/x': '',
    'in/y': '',
  };
  const build = testBuild(bench, files);
  const { output } = await build.run(
    'FROM busybox\nCOPY . /c\nRUN --mount=target=/m (cd /c && find . | sort); echo -; (cd /m && find . | sort)\n',
  );
  const listed = ['.', './.dockerignore', './in', './in/y', './keep.log'].join('\n');
  assert.equal(output, `${listed}\n-\n${listed}\n`);
});

test('COPY follows the rules of destinations, links and patterns', { skip }, async () => {
  const build = testBuild(bench, { 'a.txt': 'a', 'b.txt': 'b', 'd/sub/f': 'f' });
  symlinkSync('d', join(build.directory, 'link'));
  symlinkSync('nowhere', join(build.directory, 'd/kept'));
  const output = await shown(
    'FROM busybox\nRUN mkdir /real && ln -s /real /to\nCOPY *.txt /t/\nCOPY link /l\nCOPY a.txt /to/x\nCOPY a.txt /file\nCOPY *.none /none/\n',
    'find /t /l /real /file | sort; readlink /l/kept; ls -d /none 2>/dev/null || echo no /none',
    build,
  );
  assert.deepEqual(output.trim().split('\n'), [
    '/file',
    '/l',
    '/l/kept',
    '/l/sub',
    '/l/sub/f',
    '/real',
    '/real/x',
    '/t',
    '/t/a.txt',
    '/t/b.txt',
    'nowhere',
    'no /none',
  ]);
});

test('COPY sets owners and modes, and keeps hard links of one tree', { skip }, async () => {
  const build = testBuild(bench, { 'd/f': '1', 'd/e/g': '2' });
  linkSync(join(build.directory, 'd/f'), join(build.directory, 'd/same'));
  chmodSync(join(build.directory, 'd/e'), 0o700);
  const output = await shown(
    'FROM busybox\nCOPY --chown=app:staff --chmod=u=rwX,go= d /x/d\nCOPY d /y',
    "stat -c '%n %a %u:%g %h' /x /x/d /x/d/f /x/d/e /y /y/f /y/e",
    build,
  );
  assert.deepEqual(output.trim().split('\n'), [
    '/x 755 1000:50 3',
    '/x/d 755 1000:50 3',
    '/x/d/f 600 1000:50 2',
    '/x/d/e 700 1000:50 2',
    '/y 755 0:0 3',
    '/y/f 644 0:0 2',
    '/y/e 700 0:0 2',
  ]);
});

test('an unknown --chown name is an error on its line', { skip }, async () => {
  const build = testBuild(bench, { f: '' });
  const error = await failure(build.run('FROM busybox\nCOPY --chown=nosuch f /f\n'));
  assert.equal(error.detail.line, 2);
  assert.match(error.message, /nosuch/);
});

test('a context cannot lead out: links leave neither it nor the image', { skip }, async () => {
  const build = testBuild(bench, { f: 'mine' });
  symlinkSync('/etc/hostname', join(build.directory, 'out'));
  const missing = await failure(build.run('FROM busybox\nCOPY out /x\n'));
  assert.equal(missing.code, 'not-found');
  const output = await shown(
    'FROM busybox\nRUN ln -s /../../../tmp /esc\nCOPY f /esc/sampan-f',
    'cat /tmp/sampan-f',
    build,
  );
  assert.equal(output, 'mine');
  assert.throws(() => statSync('/tmp/sampan-f'));
});

test('ADD unpacks archives by their content and copies what is none', { skip }, async () => {
  const build = testBuild(bench, { 'not.tar': 'plain' });
  const tar = tarOf([{ name: 'dir/in', content: 'inside' }]);
  writeFileSync(join(build.directory, 'named.whatever'), gzipSync(tar));
  const output = await shown(
    'FROM busybox\nADD not.tar named.whatever /u/',
    'cat /u/not.tar /u/dir/in; ls /u',
    build,
  );
  assert.equal(output, 'plaininsidedir\nnot.tar\n');
});

test('--link makes the same files, and stays cached when the layers below change', { skip }, async () => {
  const build = testBuild(bench, { f: 'x' });
  const dockerfile = (text: string) => `FROM busybox\nRUN echo ${text} > /t\nCOPY --link f /l/f\n`;
  assert.equal((await build.run(dockerfile('1'))).hits, 'mm');
  const second = await build.run(dockerfile('2'));
  assert.equal(second.hits, 'mH');
  assert.equal(await shown(dockerfile('2'), 'cat /t /l/f', build), '2\nx');
});

test('mounts show their files, can be written where asked, and leave no trace in the layer', {
  skip,
}, async () => {
  const build = testBuild(bench, { 'src/f': 'from context' });
  const dockerfile =
    'FROM busybox AS other\nRUN echo from stage > /o\nFROM busybox\n' +
    'RUN --mount=source=src,target=/m/ctx --mount=from=other,source=/o,target=/m/o --mount=type=tmpfs,target=/m/t \\\n' +
    '  cat /m/ctx/f /m/o; touch /m/t/x; touch /m/ctx/x 2>/dev/null || echo read-only\n' +
    'RUN --mount=source=src,target=/w,rw echo changed > /w/f && cat /w/f\n' +
    'RUN ls -d /m /w 2>&1 | grep -c "No such file"\n';
  const { output } = await build.run(dockerfile);
  assert.equal(output, 'from contextfrom stage\nread-only\nchanged\n2\n');
});

test('a cache mount keeps its files between builds and never enters the image', { skip }, async () => {
  const build = testBuild(bench);
  const step = (n: number) =>
    `FROM busybox\nRUN --mount=type=cache,id=keep,target=/cache,uid=1000,mode=0750 echo ${n} >> /cache/n; cat /cache/n; stat -c '%a %u' /cache\n`;
  assert.equal((await build.run(step(1))).output, '1\n750 1000\n');
  assert.equal((await build.run(step(2))).output, '1\n2\n750 1000\n');
});

test('a changed file behind a bind mount runs the step again', { skip }, async () => {
  const build = testBuild(bench, { f: '1', other: '1' });
  const dockerfile = 'FROM busybox\nRUN --mount=source=f,target=/f cat /f\n';
  assert.equal((await build.run(dockerfile)).hits, 'm');
  build.write({ other: '2' });
  assert.equal((await build.run(dockerfile)).hits, 'H');
  build.write({ f: '2' });
  assert.equal((await build.run(dockerfile)).hits, 'm');
});

test('a step runs as its user with the environment of the image and the arguments', { skip }, async () => {
  const { output } = await testBuild(bench).run(
    'FROM busybox\nARG A=1\nENV B=$A\nUSER app\nWORKDIR /home/app\nRUN id -u; id -G; pwd; stat -c %u .; echo $A $B $HOME $$\n',
  );
  assert.equal(output, '1000\n1000 50\n/home/app\n1000\n1 1 /home/app 1\n');
});

test('hosts and resolv.conf can be written but are not in the layer', { skip }, async () => {
  const output = await shown(
    'FROM busybox\nRUN echo x >> /etc/hosts; echo y > /etc/resolv.conf',
    'cat /etc/hosts',
  );
  assert.match(output, /localhost/);
  assert.doesNotMatch(output, /^x$/m);
});

test('independent stages run side by side', { skip }, async () => {
  // Each waits for a file of the other in a shared cache mount: one after the other they would never end.
  const meet = (mine: string, theirs: string) =>
    `RUN --mount=type=cache,id=meet,target=/m touch /m/${mine}; i=0; until [ -e /m/${theirs} ] || [ $i = 100 ]; do sleep 0.1; i=$((i+1)); done; [ -e /m/${theirs} ]`;
  const { steps } = await testBuild(bench).run(
    `FROM busybox AS a\n${meet('a', 'b')}\nFROM busybox AS b\n${meet('b', 'a')}\nFROM scratch\nCOPY --from=a /bin/busybox /a\nCOPY --from=b /bin/busybox /b\n`,
  );
  assert.equal(steps, 4);
});

test('output comes in few pieces and whole', { skip }, async () => {
  const { events } = await testBuild(bench).run(
    'FROM busybox\nRUN i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done\n',
  );
  const pieces = events.filter(event => event.kind === 'output');
  assert.ok(pieces.length < 200, `${pieces.length} events`);
  const lines = outputOf(events).trim().split('\n');
  assert.equal(lines.length, 5000);
  assert.equal(lines.at(-1), 'line 4999');
});

test('an image that is gone with its layers makes its steps run again', { skip }, async () => {
  const build = testBuild(bench);
  const dockerfile = 'FROM busybox\nRUN echo gone > /gone\n';
  const { image } = await build.run(dockerfile);
  const layer = join(bench.root, 'layers', `${image.chainId?.slice('sha256:'.length)}.json`);
  renameSync(layer, join(bench.base, 'moved.json'));
  assert.equal((await build.run(dockerfile)).hits, 'm');
});

test('--no-cache runs everything and keeps the results', { skip }, async () => {
  const build = testBuild(bench, { f: '' });
  const dockerfile = 'FROM busybox\nCOPY f /f\nRUN date +%N > /n\n';
  await build.run(dockerfile);
  assert.equal((await build.run(dockerfile, { noCache: true })).hits, 'mm');
  assert.equal((await build.run(dockerfile)).hits, 'HH');
});

test('build checks are warnings of the build, and errors where the file asks for it', { skip }, async () => {
  const build = testBuild(bench, { '.dockerignore': 'ignored', ignored: '' });
  const { events } = await build.run('FROM busybox AS Name\nRUN true\nMAINTAINER me\n');
  const warnings = events.flatMap(event => (event.kind === 'warning' ? [[event.line, event.rule]] : []));
  assert.deepEqual(warnings, [
    [1, 'StageNameCasing'],
    [3, 'MaintainerDeprecated'],
  ]);
  const error = await failure(build.run('# check=error=true\nFROM busybox\nMAINTAINER me\n'));
  assert.equal(error.code, 'dockerfile-invalid');
});

test('a base image that nobody has is an error on the line of FROM', { skip }, async () => {
  const error = await failure(testBuild(bench).run('\nFROM 127.0.0.1:1/none:1\n'));
  assert.equal(error.code, 'registry-unreachable');
  assert.equal(error.detail.line, 2);
});

test('secrets are seen by their step alone, and change no cache key', { skip }, async () => {
  const build = testBuild(bench, { 'secret.txt': 'from file' });
  const secrets = { file: { path: join(build.directory, 'secret.txt') }, word: { value: 'from value' } };
  const dockerfile =
    'FROM busybox\nRUN --mount=type=secret,id=file,uid=1000,mode=0440 --mount=type=secret,id=word,env=WORD \\\n' +
    "  cat /run/secrets/file; echo; stat -c '%a %u' /run/secrets/file; echo $WORD\n" +
    'RUN ls /run/secrets /run 2>&1; env | grep -c WORD || true\n';
  const { output } = await build.run(dockerfile, { secrets });
  assert.match(output, /^from file\n440 1000\nfrom value\n/);
  assert.match(output, /No such file/);
  assert.match(output, /^0$/m);
  const changed = { ...secrets, word: { value: 'another' } };
  assert.equal((await build.run(dockerfile, { secrets: changed })).hits, 'HH');
  const missing = await failure(
    build.run('FROM busybox\nRUN --mount=type=secret,id=none,required=true true\n'),
  );
  assert.deepEqual([missing.code, missing.detail.line], ['build-failed', 2]);
});

test('named contexts are folders or images, and win over stages', { skip }, async () => {
  const build = testBuild(bench, { f: 'main' });
  const other = testBuild(bench, { f: 'other', hidden: '', '.dockerignore': 'hidden' });
  const contexts = { extra: other.directory, img: 'docker-image://busybox', stage: other.directory };
  const { output } = await build.run(
    'FROM scratch AS stage\nFROM img\nCOPY --from=extra . /e/\nCOPY --from=stage f /s\nRUN --mount=from=extra,target=/m cat /e/f /s /m/f; ls /e\n',
    { contexts },
  );
  assert.equal(output, 'otherotherotherf\n');
});

test('the network of the host must be granted', { skip }, async () => {
  const build = testBuild(bench);
  const dockerfile = 'FROM busybox\nRUN --network=host true\n';
  assert.match((await failure(build.run(dockerfile))).message, /network\.host is not allowed/);
  await build.run(dockerfile, { allow: ['network.host'] });
});

test('a RUN is insecure only when that is granted, and then has all capabilities and no filter', {
  skip,
}, async () => {
  const build = testBuild(bench);
  /** capabilities(7): 21 is CAP_SYS_ADMIN. */
  const has = (status: string, capability: number) =>
    (BigInt(`0x${/CapEff:\t(\w+)/.exec(status)?.[1]}`) & (1n << BigInt(capability))) !== 0n;
  const script = "grep -E 'CapEff|Seccomp:' /proc/self/status";
  const dockerfile = `FROM busybox\nRUN --security=insecure ${script}\n`;
  assert.match((await failure(build.run(dockerfile))).message, /security\.insecure is not allowed/);
  const { output } = await build.run(dockerfile, { allow: ['security.insecure'] });
  assert.ok(has(output, 21) && /Seccomp:\t0\n/.test(output), output);
  const confined = await shown('FROM busybox', script);
  assert.ok(!has(confined, 21) && /Seccomp:\t2\n/.test(confined), confined);
});

test('added hosts are in /etc/hosts of every RUN, in the cache key, and not in the image', {
  skip,
}, async () => {
  const build = testBuild(bench);
  const dockerfile = 'FROM busybox\nRUN cat /etc/hosts\n';
  const extraHosts = ['one:192.0.2.1', 'six:2001:db8::6', 'gate:host-gateway'];
  const { output } = await build.run(dockerfile, { extraHosts });
  assert.match(output, /^192\.0\.2\.1\tone$/m);
  assert.match(output, /^2001:db8::6\tsix$/m);
  assert.match(output, /^127\.0\.0\.1\tgate$/m);
  assert.equal((await build.run(dockerfile, { extraHosts })).hits, 'H');
  assert.equal((await build.run(dockerfile, { extraHosts: ['one:192.0.2.2'] })).hits, 'm');
  const error = await failure(build.run(dockerfile, { extraHosts: ['one:nowhere'] }));
  assert.equal(error.code, 'invalid-argument');
});

test('a stage can be kept out of the cache', { skip }, async () => {
  const build = testBuild(bench);
  const dockerfile = 'FROM busybox AS one\nRUN echo 1 > /f\nFROM busybox\nCOPY --from=one /f /f\n';
  await build.run(dockerfile);
  assert.equal((await build.run(dockerfile, { noCacheFilter: ['ONE'] })).hits, 'mH');
});

test('a file that changes while it is copied is not remembered under its old content', { skip }, async () => {
  const build = testBuild(bench, { f: 'old', g: 'x'.repeat(1 << 20) });
  const dockerfile = 'FROM busybox\nCOPY f /f\nRUN cat /f\n';
  let changed = false;
  const first = await build.run(dockerfile, {
    onProgress: event => {
      // Everything is hashed before the first step starts.
      if (changed || event.kind !== 'start') return;
      changed = true;
      build.write({ f: 'new' });
    },
  });
  assert.equal(first.output, 'new');
  build.write({ f: 'old' });
  assert.equal((await build.run(dockerfile)).output, 'old');
});

test('names that are not UTF-8 go into the image as they are, and from stage to stage', {
  skip,
}, async () => {
  const build = testBuild(bench, { 'new\nline': 'n', '-dash': 'd', é: 'e' });
  const path = (...bytes: readonly (string | number)[]) =>
    Buffer.concat(
      [`${build.directory}/`, ...bytes].map(one =>
        typeof one === 'string' ? Buffer.from(one) : Buffer.from([one]),
      ),
    );
  writeFileSync(path('bad', 0xff), '1');
  writeFileSync(path('bad', 0xfe), '2');
  mkdirSync(path('d', 0xff));
  writeFileSync(path('d', 0xff, '/in'), '3');
  const dockerfile = 'FROM busybox AS one\nCOPY . /c/\nFROM busybox\nCOPY --from=one /c /c\n';
  const script =
    'cd /c; cat $(printf "bad\\\\377") $(printf "bad\\\\376") $(printf "d\\\\377")/in -- -dash é; ls | wc -l';
  assert.equal(await shown(dockerfile, script, build), '123de6\n');
  assert.equal((await build.run(dockerfile)).hits, 'HH');
});

test('the failure of one stage stops the others, which are told as canceled', { skip }, async () => {
  const ends: [string, boolean][] = [];
  const names = new Map<string, string>();
  const shared = 'RUN --mount=type=cache,id=canceled,target=/s';
  const slow = `${shared} touch /s/started && sleep 600`;
  const bad = `${shared} until [ -e /s/started ]; do sleep 0.01; done; exit 7`;
  const dockerfile = `FROM busybox AS slow\n${slow}\nFROM busybox AS bad\n${bad}\nFROM scratch\nCOPY --from=slow /x /\nCOPY --from=bad /x /\n`;
  await failure(
    testBuild(bench).run(dockerfile, {
      onProgress: event => {
        if (event.kind === 'plan') for (const { id, name } of event.steps) names.set(id, name);
        if (event.kind === 'finish' && event.error !== undefined)
          ends.push([names.get(event.step) ?? '', event.isCanceled ?? false]);
      },
    }),
  );
  assert.deepEqual(ends, [
    [`[bad 2/2] ${bad}`, false],
    [`[slow 2/2] ${slow}`, true],
  ]);
});

test('a step sees accounts and mount points as the steps below it left them', { skip }, async () => {
  const { output, image } = await testBuild(bench).run(`FROM busybox
RUN echo quiet >/other
RUN echo 'late:x:123:45::/:/bin/sh' >>/etc/passwd && ln -s /elsewhere/group /etc/group2
RUN echo quiet >>/other
USER late
RUN id -u
USER 0
RUN mkdir /elsewhere && mv /etc/passwd /elsewhere/ && ln -s /elsewhere/passwd /etc/passwd
RUN sed -i s/123/321/ /elsewhere/passwd
USER late
RUN id -u
`);
  assert.equal(output, '123\n321\n');
  assert.equal(image.config.config?.User, 'late');
});
