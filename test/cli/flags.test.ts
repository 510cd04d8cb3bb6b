import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flags, parseFlags } from '../../server/cli/flags.ts';

const spec = {
  interactive: { kind: 'boolean', short: 'i', help: '' },
  tty: { kind: 'boolean', short: 't', help: '' },
  'no-trunc': { kind: 'boolean', help: '' },
  env: { kind: 'list', short: 'e', help: '' },
  name: { kind: 'string', help: '' },
  hostname: { kind: 'string', short: 'h', help: '' },
} as const satisfies Flags;

test('flags take values after a blank, after = and glued to the short form', () => {
  const { flags } = parseFlags(spec, [
    '-e',
    'A=1',
    '-eB=2',
    '-e=C=3',
    '--env=D',
    '--env',
    'E',
    '--name=',
    '-h',
    'x',
  ]);
  assert.deepEqual(flags.env, ['A=1', 'B=2', 'C=3', 'D', 'E']);
  assert.equal(flags.name, '');
  assert.equal(flags.hostname, 'x');
});

test('flags combine short booleans, the last one may take a value', () => {
  const { flags } = parseFlags(spec, ['-ite', 'A=1']);
  assert.deepEqual([flags.interactive, flags.tty, flags.env], [true, true, ['A=1']]);
});

test('a flag that is on is switched off by its value only', () => {
  const on = { proxy: { kind: 'boolean', isOn: true, help: '' } } as const satisfies Flags;
  assert.equal(parseFlags(on, []).flags.proxy, true);
  assert.equal(parseFlags(on, ['--proxy', 'x']).flags.proxy, true);
  assert.equal(parseFlags(on, ['--proxy=false']).flags.proxy, false);
});

test('flags read booleans with a value', () => {
  assert.equal(parseFlags(spec, ['--tty=false', '-i=0']).flags.tty, false);
  assert.equal(parseFlags(spec, ['--no-trunc=true']).flags['no-trunc'], true);
});

test('flags stop at the first positional when asked to', () => {
  const line = parseFlags(spec, ['-t', 'image', '-e', 'x', '--', '--help'], { stopAtPositional: true });
  assert.deepEqual(line.positionals, ['image', '-e', 'x', '--', '--help']);
  assert.equal(line.help, false);
});

test('flags may follow positionals otherwise, until --', () => {
  const line = parseFlags(spec, ['a', '-t', 'b', '-', '--', '-i']);
  assert.deepEqual(line.positionals, ['a', 'b', '-', '-i']);
  assert.equal(line.flags.interactive, false);
});

for (const [args, message] of [
  [['--nope'], 'unknown flag: --nope'],
  [['--constructor'], 'unknown flag: --constructor'],
  [['-tx'], "unknown shorthand flag: 'x' in -tx"],
  [['--name'], 'flag needs an argument: --name'],
  [['-te'], "flag needs an argument: 'e' in -te"],
  [['--tty=maybe'], 'invalid argument "maybe" for "-t, --tty" flag: it must be true or false'],
] as const) {
  test(`flags ${args.join(' ')} are refused with exit code 125`, () => {
    assert.throws(() => parseFlags(spec, args), { message, exitCode: 125 });
  });
}
