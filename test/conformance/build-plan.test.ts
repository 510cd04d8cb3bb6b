import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { planBuild } from '../../server/engine/build/plan.ts';
import type { BaseImage, BuildPlan } from '../../server/engine/build/planTypes.ts';
import { parse } from '../../server/language/index.ts';

/**
 * Real Dockerfiles planned without running anything, against what BuildKit made of them: final config, history,
 * and the operations with their names, commands, environments, mounts and destinations.
 */
const data = join(process.env.SAMPAN_CONFORMANCE ?? '', 'language');
/** What differs on purpose: ids and why. */
const differences: { readonly plans: { readonly [id: string]: string } } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'build-differences.json'), 'utf8'),
);

const oracle = join(data, 'oracle/plan.jsonl');
const skip = process.env.SAMPAN_CONFORMANCE && existsSync(oracle) ? false : 'SAMPAN_CONFORMANCE is not set';

interface Expected {
  readonly id: string;
  readonly convertError?: { readonly line?: number };
  readonly image?: {
    readonly architecture: string;
    readonly config: { readonly [name: string]: unknown };
    readonly history?: readonly { readonly created_by: string; readonly empty_layer?: boolean }[] | null;
  };
  readonly llb?: readonly Operation[] | null;
}

interface Operation {
  readonly op: string;
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly mounts?: readonly { readonly type: string; readonly dest: string }[];
  readonly actions?: readonly { readonly copy?: { readonly dest: string }; readonly mkfile?: unknown }[];
}

const amd64 = { os: 'linux', architecture: 'amd64' };

/** The oracle knew no base image: all of them are empty. */
function plan(text: string): BuildPlan {
  const bases = new Map<string, BaseImage>();
  for (;;) {
    const result = planBuild(parse(text), {
      target: undefined,
      buildArgs: new Map(),
      labels: new Map(),
      platform: amd64,
      hostPlatform: amd64,
      network: 'default',
      bases,
      epochSeconds: undefined,
    });
    if (result.plan) return result.plan;
    for (const { key, reference, platform } of result.needs) {
      const config = { ...platform, rootfs: { type: 'layers', diff_ids: [] } } as const;
      bases.set(key, { id: `sha256:${reference}`, config, chainId: undefined });
    }
  }
}

/** What is not as BuildKit has it; empty when all is. */
function compare(expected: Expected, text: string): readonly string[] {
  let got: BuildPlan;
  try {
    got = plan(text);
  } catch (error) {
    if (!isSampanError(error)) throw error;
    const { convertError } = expected;
    if (!convertError) return [`failed: ${error.message}`];
    return convertError.line === undefined || convertError.line === error.detail.line
      ? []
      : ['line of the error'];
  }
  if (expected.convertError) return ['no error'];
  return [...compareImage(expected, got), ...compareOperations(expected.llb ?? [], got)];
}

function compareImage({ image }: Expected, { image: got }: BuildPlan): readonly string[] {
  const { ArgsEscaped: _windowsOnly, ...want } = image?.config ?? {};
  const config: { readonly [name: string]: unknown } = { ...got.config };
  const names = new Set([...Object.keys(want), ...Object.keys(config)]);
  const wrong = [...names].filter(name => !sameSetting(name, want[name], config[name]));
  const history = got.history.map(one => [one.createdBy, one.node === undefined]);
  const wanted = (image?.history ?? []).map(one => [one.created_by, one.empty_layer ?? false]);
  return [
    ...wrong.map(name => `config.${name}`),
    ...(same(history, wanted) ? [] : ['history']),
    ...(got.platform.architecture === image?.architecture ? [] : ['architecture']),
  ];
}

function sameSetting(name: string, want: unknown, got: unknown): boolean {
  if (name === 'WorkingDir' && [want, got].every(value => value === undefined || value === '/')) return true;
  // The oracle's empty images have a Cmd.
  if (name === 'Cmd' && got === undefined && same(want, ['/bin/sh'])) return true;
  if (isNothing(want) && isNothing(got)) return true;
  return same(sorted(want), sorted(got));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function compareOperations(want: readonly Operation[], { nodes }: BuildPlan): readonly string[] {
  const wrong: string[] = [];
  const byName = new Map(nodes.map(node => [node.name, node]));
  for (const operation of want) {
    if (operation.op !== 'exec' && operation.op !== 'file') continue;
    if (operation.actions?.every(action => action.mkfile)) continue;
    const node = byName.get(operation.name);
    if (!node) wrong.push(`no step ${operation.name}`);
    else if (node.kind === 'exec') {
      const mounts = (operation.mounts ?? []).filter(mount => mount.dest !== '/');
      const wanted = mounts.map(mount => `${mount.type.toLowerCase()} ${mount.dest.replace(/(.)\/$/, '$1')}`);
      const got = node.mounts.filter(one => one.target).map(one => `${one.mount.type} ${one.target}`);
      if (node.scripts.length > 0) got.push('bind /dev/pipes');
      if (!same(wanted.sort(), got.sort())) wrong.push(`mounts of ${operation.name}`);
      const { args, env, cwd, user } = operation;
      if (!same([args, env, cwd, user], [node.args, node.env, node.cwd, node.user]))
        wrong.push(`process of ${operation.name}`);
    } else if (node.kind === 'copy') {
      const copy = operation.actions?.find(action => action.copy)?.copy;
      if (copy && copy.dest !== node.destination) wrong.push(`destination of ${operation.name}`);
    }
  }
  return wrong;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('plans of real Dockerfiles are as BuildKit’s', { skip }, () => {
  const wrong: { [id: string]: readonly string[] } = {};
  const lines = readFileSync(oracle, 'utf8').trim().split('\n');
  for (const line of lines) {
    const expected = JSON.parse(line) as Expected;
    const found = compare(expected, readFileSync(join(data, 'corpus', expected.id), 'utf8'));
    if (found.length > 0) wrong[expected.id] = found;
  }
  const known = new Set(Object.keys(differences.plans));
  const unknown = Object.fromEntries(Object.entries(wrong).filter(([id]) => !known.has(id)));
  assert.deepEqual(unknown, {});
  assert.deepEqual(
    [...known].filter(id => !(id in wrong)),
    [],
    'these agree now',
  );
});
