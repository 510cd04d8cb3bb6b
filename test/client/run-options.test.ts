import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAssignments } from '../../client/commands/assignments.ts';
import { parseMounts } from '../../client/commands/mountsInput.ts';
import { runCommandLine } from '../../client/commands/runCommandLine.ts';

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
