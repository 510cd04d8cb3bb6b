import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAssignments } from '../../client/commands/assignments.ts';
import { parseMounts } from '../../client/commands/mountsInput.ts';
import { runCommandLine } from '../../client/commands/runCommandLine.ts';
import { fieldProblem, profileOptions, profileSummary } from '../../client/commands/runProfile.ts';

test('assignments are read as a shell reads words', () => {
  assert.deepEqual(parseAssignments(`A=1 B="two words" C=x=y D=`), {
    values: { A: '1', B: 'two words', C: 'x=y', D: '' },
  });
  assert.deepEqual(parseAssignments(''), { values: {} });
  assert.match(parseAssignments('A').problem ?? '', /write A=value/);
  assert.match(parseAssignments('=1').problem ?? '', /no value/);
  assert.match(parseAssignments("A='x").problem ?? '', /not closed/);
});

test('mounts are read in the words of docker', () => {
  const more = { options: [], createSource: true };
  assert.deepEqual(parseMounts('data:/srv/data /etc/app:/etc/app:ro ./site:/srv/www /cache', '/work space'), {
    mounts: [
      { ...more, type: 'volume', source: 'data', target: '/srv/data', readOnly: false },
      { ...more, type: 'bind', source: '/etc/app', target: '/etc/app', readOnly: true },
      { ...more, type: 'bind', source: '/work space/./site', target: '/srv/www', readOnly: false },
      { ...more, type: 'volume', target: '/cache', readOnly: false },
    ],
  });
  assert.deepEqual(parseMounts(' ', undefined), { mounts: [] });
  for (const wrong of ['data', 'data:srv', 'data:/srv:rx', 'a:b:c:d', './site:/srv', 'a b:/srv'])
    assert.ok(parseMounts(wrong, undefined).problem, wrong);
});

test('the run command makes the same container again', () => {
  assert.equal(
    runCommandLine({
      image: 'web:1',
      name: 'front',
      env: ['MODE=two words'],
      ports: [
        { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
        { hostIp: '0.0.0.0', hostPort: 0, containerPort: 53, protocol: 'udp' },
        { hostIp: '127.0.0.1', hostPort: 0, containerPort: 81, protocol: 'tcp' },
      ],
      mounts: [
        {
          type: 'volume',
          source: 'data',
          target: '/data',
          readOnly: true,
          options: ['nocopy', 'subpath=a'],
          createSource: true,
        },
        { type: 'tmpfs', target: '/tmp', readOnly: false, options: ['size=1024'], createSource: false },
        {
          type: 'bind',
          source: '/a',
          target: '/a',
          readOnly: false,
          options: ['rslave'],
          createSource: true,
        },
      ],
      links: [{ container: 'db', alias: 'database' }],
      limits: { memory: 64_000_000, cpus: 0.5 },
      entrypoint: ['/bin/sh', '-c'],
      command: ['echo "$HOME"'],
      autoRemove: true,
    }),
    'sampan run -d --rm --name front --memory 64000000 --cpus 0.5 -e ' +
      "'MODE=two words' -p 127.0.0.1:8080:80 -p 53/udp -p 127.0.0.1::81 " +
      '--mount type=volume,source=data,target=/data,readonly,volume-nocopy,volume-subpath=a ' +
      '--mount type=tmpfs,target=/tmp,tmpfs-size=1024 --mount type=bind,source=/a,target=/a,bind-propagation=rslave ' +
      '--link db:database --entrypoint /bin/sh web:1 -c \'echo "$HOME"\'',
  );
  assert.equal(
    runCommandLine({ image: 'busybox', tty: true, openStdin: true, init: true }),
    'sampan run -it --init busybox',
  );
});

const context = { address: '127.0.0.1', folder: '/work' };

test('a run profile gives the options that its words mean', () => {
  const profile = {
    name: 'Debug',
    image: 'web:1',
    ports: '8080:80',
    containerName: 'front',
    environment: 'MODE=debug',
    mounts: 'data:/srv',
    limits: 'memory=512m cpus=1.5 pids=100',
    links: 'db:database cache',
    command: 'httpd -f',
    interactive: true,
  };
  const { ports, mounts, ...rest } = profileOptions(profile, context);
  assert.deepEqual(ports, [{ hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' }]);
  assert.equal(mounts?.[0]?.source, 'data');
  assert.deepEqual(rest, {
    image: 'web:1',
    name: 'front',
    env: ['MODE=debug'],
    limits: { memory: 512 * 1024 ** 2, cpus: 1.5, pids: 100 },
    links: [
      { container: 'db', alias: 'database' },
      { container: 'cache', alias: 'cache' },
    ],
    command: ['httpd', '-f'],
    tty: true,
    openStdin: true,
  });
  assert.equal(
    profileSummary(profile),
    '8080:80 · data:/srv · MODE=debug · memory=512m cpus=1.5 pids=100 · db:database cache · httpd -f',
  );
});

test('a profile that was edited wrongly says which field and why', () => {
  for (const [field, text] of [
    ['ports', 'x'],
    ['limits', 'memory=much'],
    ['limits', 'disk=1g'],
    ['limits', 'pids=1.5'],
    ['links', ':db'],
    ['containerName', '-'],
    ['command', "'"],
  ] as const) {
    assert.ok(fieldProblem(field, text, context), `${field} ${text}`);
    const profile = { name: 'P', image: 'i', [field]: text };
    assert.throws(() => profileOptions(profile, context), {
      message: new RegExp(`profile P .* its ${field}: `),
    });
  }
});
