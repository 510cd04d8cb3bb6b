import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitWords } from '../../client/commands/commandLine.ts';
import { exposedPorts, parsePorts, portsText } from '../../client/commands/portsInput.ts';
import { portUrl } from '../../client/commands/portUrl.ts';
import { failureText, isCancelled, toFailure } from '../../client/failure.ts';
import { RestartBudget } from '../../client/restartBudget.ts';
import { parseServerLine } from '../../client/serverLog.ts';
import { sampanErrorNumber } from '../../server/protocol/errors.ts';

test('ports are read in the words of docker', () => {
  assert.deepEqual(parsePorts('8080:80, 53/udp 0.0.0.0:1:2', '127.0.0.1'), {
    ports: [
      { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostIp: '127.0.0.1', hostPort: 0, containerPort: 53, protocol: 'udp' },
      { hostIp: '0.0.0.0', hostPort: 1, containerPort: 2, protocol: 'tcp' },
    ],
  });
  assert.deepEqual(parsePorts('  ', ''), { ports: [] });
  for (const wrong of ['http', '1:2:3', '80/sctp', '70000:80', '0', '80:0'])
    assert.match(parsePorts(wrong, '').problem ?? '', /is not a port/, wrong);
});

test('exposed ports are published on free host ports and read back', () => {
  const ports = exposedPorts(['80/tcp', '53/udp'], '127.0.0.1');
  assert.deepEqual(
    ports.map(({ hostPort }) => hostPort),
    [0, 0],
  );
  assert.equal(portsText(ports), '80 53/udp');
});

test('a port has the address that a browser on this machine can open', () => {
  const url = (hostIp: string, containerPort = 80) =>
    portUrl({ hostIp, hostPort: 8080, containerPort, protocol: 'tcp' });
  assert.equal(url('0.0.0.0'), 'http://localhost:8080/');
  assert.equal(url('127.0.0.2'), 'http://127.0.0.2:8080/');
  assert.equal(url('fd00::1'), 'http://[fd00::1]:8080/');
  assert.equal(url('', 8443), 'https://localhost:8080/');
});

test('a command line is split as a shell splits it', () => {
  assert.deepEqual(splitWords(`sh -c 'echo "a b"' x\\ y "q \\"z\\"" ''`), [
    'sh',
    '-c',
    'echo "a b"',
    'x y',
    'q "z"',
    '',
  ]);
  assert.deepEqual(splitWords('  '), []);
  assert.throws(() => splitWords("echo 'open"), /quote at position 6 is not closed/);
});

test('a server error keeps its code and hint', () => {
  const error = Object.assign(new Error('Port 80 is in use.'), {
    code: sampanErrorNumber,
    data: { code: 'port-in-use', detail: { port: 80 }, hint: 'Choose another one.' },
  });
  const failure = toFailure(error);
  assert.equal(failure.code, 'port-in-use');
  assert.equal(failureText(failure), 'Port 80 is in use. Choose another one.');
  assert.equal(failureText(toFailure('plain')), 'plain');
});

test('a cancelled request is told from a failed one', () => {
  const data = { code: 'cancelled', detail: {} };
  assert.ok(isCancelled(Object.assign(new Error('x'), { code: sampanErrorNumber, data })));
  assert.ok(isCancelled(Object.assign(new Error('x'), { code: -32800 })));
  assert.ok(!isCancelled(new Error('x')));
});

test('a restart budget is used up and comes back with time', () => {
  const budget = new RestartBudget({ restarts: 2, withinMilliseconds: 1000 });
  assert.deepEqual(
    [0, 10, 20, 1005, 1006, 1015].map(now => budget.take(now)),
    [true, true, false, true, false, true],
  );
  budget.reset();
  assert.ok(budget.take(1020));
});

test('a line of the server keeps its level', () => {
  assert.deepEqual(parseServerLine('2026-01-02T03:04:05.678Z warn no cgroup'), {
    level: 'warn',
    message: 'no cgroup',
  });
  assert.deepEqual(parseServerLine('Error: crashed'), { level: 'error', message: 'Error: crashed' });
});
