import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasOnlyLoopbackServers, hostsFile, resolvConf } from '../../server/engine/network/hosts.ts';
import { linkVariables } from '../../server/engine/network/links.ts';
import {
  addressesAfter,
  chooseSubnet,
  contains,
  defaultPools,
  formatAddress,
  formatMac,
  formatSubnet,
  overlaps,
  parseAddress,
  parseRoutes,
  parseSubnet,
  type Subnet,
} from '../../server/engine/network/pool.ts';

const subnet = (text: string) => parseSubnet(text) as Subnet;
const numeric = (text: string) => parseAddress(text) as number;

test('subnets and addresses are read and written', () => {
  assert.equal(formatSubnet(subnet('172.17.3.4/16')), '172.17.0.0/16');
  assert.equal(formatAddress(numeric('192.168.255.1')), '192.168.255.1');
  for (const text of ['1.2.3', '1.2.3.256', 'a.b.c.d', '1.2.3.4/33', '1.2.3.4/'])
    assert.equal(parseSubnet(text), undefined);
  assert.ok(contains(subnet('10.0.0.0/24'), numeric('10.0.0.255')));
  assert.ok(!contains(subnet('10.0.0.0/24'), numeric('10.0.1.0')));
});

test('a subnet that overlaps a route is skipped', () => {
  assert.equal(formatSubnet(chooseSubnet([], 0)), '172.17.0.0/16');
  assert.equal(formatSubnet(chooseSubnet([subnet('172.16.0.0/14')], 0)), '172.20.0.0/16');
  assert.equal(formatSubnet(chooseSubnet([subnet('172.17.5.0/24')], 0)), '172.18.0.0/16');
  assert.throws(() => chooseSubnet(defaultPools, 3), { code: 'conflict' });
  assert.ok(overlaps(subnet('0.0.0.0/0'), subnet('10.0.0.0/8')));
});

test('addresses go upward, skip the gateway, and wrap', () => {
  const small = subnet('10.0.0.0/29');
  const after = (last: string) => [...addressesAfter(small, numeric(last))].map(formatAddress);
  assert.deepEqual(after('10.0.0.0'), ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  assert.deepEqual(after('10.0.0.4'), ['10.0.0.5', '10.0.0.6', '10.0.0.2', '10.0.0.3', '10.0.0.4']);
  assert.equal(after('10.0.0.6')[0], '10.0.0.2');
});

test('routes are read from the kernel’s table without the default one', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
  ].join('\n');
  assert.deepEqual(parseRoutes(table).map(formatSubnet), ['172.17.0.0/16']);
});

test('a MAC is unicast and locally administered', () => {
  assert.equal(formatMac(Uint8Array.from([0xff, 1, 2, 3, 4, 5])), 'fe:01:02:03:04:05');
  assert.equal(formatMac(Uint8Array.from([0, 1, 2, 3, 4, 5])), '02:01:02:03:04:05');
});

test('the hosts file has docker’s head and the container’s entries', () => {
  const text = hostsFile([
    { address: '10.77.0.2', names: ['db', 'f8d6f8f4f495', 's1'] },
    { address: '10.77.0.3', names: ['0123456789ab'] },
  ]);
  assert.equal(
    text,
    '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n' +
      'ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n' +
      '10.77.0.2\tdb f8d6f8f4f495 s1\n10.77.0.3\t0123456789ab\n',
  );
});

test('resolv.conf loses loopback servers and comments', () => {
  const host = '# made by x\nnameserver 127.0.0.53\nnameserver 10.0.0.1\nsearch lan\noptions edns0\n';
  const none = { servers: [], search: [], options: [] };
  assert.equal(resolvConf(host, none), 'nameserver 10.0.0.1\nsearch lan\noptions edns0\n');
  assert.equal(
    resolvConf(host, { ...none, servers: ['9.9.9.9'] }),
    'nameserver 9.9.9.9\nsearch lan\noptions edns0\n',
  );
  assert.equal(
    resolvConf(host, { ...none, search: ['a.test', 'b.test'], options: ['ndots:2'] }),
    'nameserver 10.0.0.1\nsearch a.test b.test\noptions ndots:2\n',
  );
  assert.equal(resolvConf(host, { ...none, search: ['.'] }), 'nameserver 10.0.0.1\noptions edns0\n');
  assert.ok(hasOnlyLoopbackServers('nameserver 127.0.0.53\n'));
  assert.ok(!hasOnlyLoopbackServers(host));
});

test('link variables are docker’s', () => {
  const variables = linkVariables({
    owner: 'self',
    alias: 'my-db',
    address: '10.0.0.2',
    ports: ['81/tcp', '53/udp', '80/tcp'],
    env: ['HOME=/root', 'PATH=/bin', 'K=v=w'],
  });
  assert.deepEqual(variables, [
    'MY_DB_PORT=tcp://10.0.0.2:80',
    'MY_DB_PORT_80_TCP_START=tcp://10.0.0.2:80',
    'MY_DB_PORT_80_TCP_PORT_START=80',
    'MY_DB_PORT_80_TCP_END=tcp://10.0.0.2:81',
    'MY_DB_PORT_80_TCP_PORT_END=81',
    'MY_DB_PORT_80_TCP=tcp://10.0.0.2:80',
    'MY_DB_PORT_80_TCP_ADDR=10.0.0.2',
    'MY_DB_PORT_80_TCP_PORT=80',
    'MY_DB_PORT_80_TCP_PROTO=tcp',
    'MY_DB_PORT_81_TCP=tcp://10.0.0.2:81',
    'MY_DB_PORT_81_TCP_ADDR=10.0.0.2',
    'MY_DB_PORT_81_TCP_PORT=81',
    'MY_DB_PORT_81_TCP_PROTO=tcp',
    'MY_DB_PORT_53_UDP=udp://10.0.0.2:53',
    'MY_DB_PORT_53_UDP_ADDR=10.0.0.2',
    'MY_DB_PORT_53_UDP_PORT=53',
    'MY_DB_PORT_53_UDP_PROTO=udp',
    'MY_DB_NAME=/self/my-db',
    'MY_DB_ENV_K=v=w',
  ]);
});

test('a link to a container without exposed ports has a name only', () => {
  const target = { owner: 'a', alias: 'db', address: '10.0.0.2', ports: [], env: [] };
  assert.deepEqual(linkVariables(target), ['DB_NAME=/a/db']);
});
