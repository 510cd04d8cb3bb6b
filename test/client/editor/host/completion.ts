import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, extension, sampleFile } from './facts.ts';
import { ask, offered, openAt } from './providers.ts';

suite('completion in a Dockerfile', () => {
  suiteSetup(async () => (await extension()).connection.ready);

  const cases: readonly (readonly [title: string, text: string, expected: readonly string[]])[] = [
    ['flags of RUN', 'FROM a\nRUN --|', ['--mount', '--network', '--security']],
    ['types of a mount', 'FROM a\nRUN --mount=type=| x', ['bind', 'cache', 'secret', 'ssh', 'tmpfs']],
    ['keys of a mount', 'FROM a\nRUN --mount=type=cache,| x', ['target', 'sharing', 'id']],
    ['values of a key', 'FROM a\nRUN --mount=type=cache,sharing=| x', ['shared', 'private', 'locked']],
    ['networks', 'FROM a\nRUN --network=| x', ['default', 'none', 'host']],
    [
      'flags of COPY',
      'FROM a\nCOPY --|',
      ['--from', '--link', '--parents', '--exclude', '--chmod', '--chown'],
    ],
    ['stages', 'FROM a AS builder\nFROM b\nCOPY --link --from=| x y', ['builder']],
    ['users that RUN makes', 'FROM a\nRUN adduser -D app\nUSER |', ['app', 'root']],
    ['ports', 'FROM a\nEXPOSE |', ['80', '8080']],
    ['protocols', 'FROM a\nEXPOSE 53/|', ['tcp', 'udp']],
    ['signals', 'FROM a\nSTOPSIGNAL |', ['SIGTERM', 'SIGQUIT']],
    ['shells', 'FROM a\nSHELL |', ['["/bin/bash", "-o", "pipefail", "-c"]']],
    ['labels', 'FROM a\nLABEL |', ['org.opencontainers.image.title']],
    ['files of the context', 'FROM a\nCOPY |', ['site/']],
    ['variables', 'FROM a\nENV COLOR=red\nWORKDIR /$|', ['COLOR']],
    ['platforms', 'FROM --platform=|', ['linux/amd64', '$BUILDPLATFORM']],
    ['images of the store', 'FROM |', ['busybox:latest', 'scratch']],
    ['names of checks', '# check=skip=|\nFROM a', ['JSONArgsRecommended']],
    ['triggers', 'FROM a\nONBUILD |', ['RUN', 'COPY']],
    ['commands of the shell', 'FROM a\nRUN |', ['set', 'apk add --no-cache package']],
  ];
  for (const [title, text, expected] of cases) {
    test(`offers ${title}`, async () => {
      const labels = await offered(await openAt(text));
      for (const label of expected) assert.ok(labels.includes(label), `${label}: ${labels.join(' ')}`);
    });
  }

  test('offers paths and folders of an ignore file', async () => {
    const labels = await offered(await openAt('README.md\n|', 'web.Dockerfile.dockerignore'));
    assert.ok(labels.includes('site/'), labels.join(' '));
    await vscode.workspace.fs.delete(sampleFile('web.Dockerfile.dockerignore'));
  });

  test('offers what is in the folder that sampan.build.contextFolder names', async () => {
    const settings = vscode.workspace.getConfiguration('sampan');
    const name = 'build.contextFolder';
    await settings.update(name, 'site', vscode.ConfigurationTarget.Workspace);
    const place = await openAt('FROM a\nCOPY |');
    const isThere = async (label: string) => (await offered(place)).includes(label) || undefined;
    await eventually(vscode.languages.onDidChangeDiagnostics, () => isThere('index.html'));
    await settings.update(name, undefined, vscode.ConfigurationTarget.Workspace);
    await eventually(vscode.languages.onDidChangeDiagnostics, () => isThere('site/'));
  });

  test('offers the accounts of a base image that is in the store', async () => {
    const { document, position } = await openAt('FROM busybox:latest\nUSER |');
    for (let detail: string | undefined; detail !== 'uid 65534 of the base image'; ) {
      const { items } = await ask<vscode.CompletionList>('CompletionItemProvider', document.uri, position);
      detail = items.find(({ label }) => label === 'nobody')?.detail;
    }
  });

  test('tells of the chosen item when it is looked at', async () => {
    const { document, position } = await openAt('FROM a\nHEALTH|');
    const { items } = await ask<vscode.CompletionList>(
      'CompletionItemProvider',
      document.uri,
      position,
      undefined,
      100,
    );
    const item = items.find(({ label }) => label === 'HEALTHCHECK');
    const about = item?.documentation;
    assert.match(typeof about === 'string' ? about : (about?.value ?? ''), /HEALTHCHECK/);
  });

  test('signature help follows the parameters', async () => {
    const { document, position } = await openAt('FROM a\nCOPY --link src |');
    const help = await ask<vscode.SignatureHelp>('SignatureHelpProvider', document.uri, position, ' ');
    const signature = help.signatures[help.activeSignature];
    assert.match(signature?.label ?? '', /^COPY/);
    const { label } = signature?.parameters[signature.activeParameter ?? help.activeParameter] ?? {
      label: '',
    };
    const shown = typeof label === 'string' ? label : signature?.label.slice(...label);
    assert.match(shown ?? '', /dest/);
  });
});
