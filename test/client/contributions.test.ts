import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  commandIds,
  settingIds,
  trustedCommandIds,
  viewContainerId,
  viewIds,
} from '../../client/contributions.ts';

const manifestText = read('package.json');
const manifest = JSON.parse(manifestText);
const { contributes } = manifest;

function read(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
}

test('package.json contributes exactly the commands of the code', () => {
  assert.deepEqual(names(contributes.commands, 'command'), [...commandIds].sort());
});

test('the commands that need trust are off without it', () => {
  const off = contributes.commands.filter((command: { enablement?: string }) => command.enablement);
  assert.deepEqual(names(off, 'command'), [...trustedCommandIds].sort());
  for (const { enablement } of off) assert.equal(enablement, 'isWorkspaceTrusted');
});

test('package.json contributes exactly the views of the code', () => {
  assert.deepEqual(Object.keys(contributes.views), [viewContainerId]);
  assert.deepEqual(names(contributes.views[viewContainerId], 'id'), [...viewIds].sort());
});

test('package.json contributes exactly the settings of the code, each with a default', () => {
  const { properties } = contributes.configuration;
  assert.deepEqual(
    Object.keys(properties)
      .filter(key => !key.startsWith('sampan.lint.'))
      .sort(),
    [...settingIds].sort(),
  );
  for (const [key, schema] of Object.entries<{ default?: unknown }>(properties))
    assert.notEqual(schema.default, undefined, key);
});

test('menus and welcome views name only commands that exist', () => {
  const known = new Set<string>(commandIds);
  for (const [menu, items] of Object.entries<{ command: string }[]>(contributes.menus))
    for (const { command } of items) assert.ok(known.has(command), `${menu}: ${command}`);
  for (const [, command] of read('package.nls.json').matchAll(/\(command:([\w.]+)\)/g))
    assert.ok(known.has(String(command)), command);
});

test('every text of package.json is in package.nls.json and the other way round', () => {
  const used = new Set([...manifestText.matchAll(/"%([^"%]+)%"/g)].map(match => String(match[1])));
  assert.deepEqual([...used].sort(), Object.keys(JSON.parse(read('package.nls.json'))).sort());
});

test('every command that a tree row offers can be reached from its context menu', () => {
  const items: { command: string; group: string }[] = contributes.menus['view/item/context'];
  const inMenus = new Set(
    items.filter(({ group }) => !group.startsWith('inline')).map(({ command }) => command),
  );
  for (const { command, group } of items)
    if (group.startsWith('inline')) assert.ok(inMenus.has(command), command);
});

function names(list: readonly { [key: string]: string }[], key: string): readonly (string | undefined)[] {
  return list.map(entry => entry[key]).sort();
}
