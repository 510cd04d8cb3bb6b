// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, openText, sampleFile } from './facts.ts';
import { applied, ask, hoverText, openAt, openDockerfile } from './providers.ts';

/** Lines of ranges. */
const lines = (found: readonly { readonly range: vscode.Range }[]): number[] =>
  found.map(({ range }) => range.start.line);

suite('what is where in a Dockerfile', () => {
  suiteSetup(async () => (await extension()).connection.ready);

  test('hover tells the value of a variable, the text of a line and what is known of an image', async () => {
    const at = async (text: string) => {
      const { document, position } = await openAt(text);
      return hoverText(await ask<vscode.Hover[]>('HoverProvider', document.uri, position));
    };
    assert.match(await at('FROM a\nENV COLOR=red\nWORKDIR /$CO|LOR'), /red/);
    assert.match(await at('FROM a\nENV COLOR=red\nWORK|DIR /$COLOR'), /WORKDIR \/red/);
    assert.match(await at('FROM busy|box:latest\n'), /sha256:[0-9a-f]{64}/);
  });

  test('definition, references and highlights of a stage, with a second flag before it', async () => {
    const { document, position } = await openAt(
      'FROM a AS builder\nFROM b\nCOPY --link --from=buil|der /x /y\nFROM builder\n',
    );
    const { uri } = document;
    const targets = await ask<vscode.Location[]>('DefinitionProvider', uri, position);
    assert.deepEqual(lines(targets), [0]);
    assert.deepEqual(lines(await ask<vscode.Location[]>('ReferenceProvider', uri, position)), [0, 2, 3]);
    const highlights = await ask<vscode.DocumentHighlight[]>('DocumentHighlights', uri, position);
    assert.deepEqual(lines(highlights), [0, 2, 3]);
  });

  test('rename changes stages, variables and names of heredocs', async () => {
    const renamed = async (text: string, to: string) => {
      const { document, position } = await openAt(text);
      const edit = await ask<vscode.WorkspaceEdit>('DocumentRenameProvider', document.uri, position, to);
      return applied(document, edit.get(document.uri));
    };
    assert.equal(await renamed('FROM a AS o|ne\nFROM one\n', 'two'), 'FROM a AS two\nFROM two\n');
    assert.equal(
      await renamed('FROM a\nARG A=1\nRUN echo "$A|" ${A}\n', 'B'),
      'FROM a\nARG B=1\nRUN echo "$B" ${B}\n',
    );
    assert.equal(await renamed('FROM a\nRUN <<E|OF\nx\nEOF\n', 'END'), 'FROM a\nRUN <<END\nx\nEND\n');
  });

  test('the outline has stages with their instructions, and what is long folds', async () => {
    const document = await openDockerfile('# a\n# b\nFROM a AS one\nRUN x \\\n  y\nCOPY <<E /z\n1\n2\nE\n');
    const symbols = await ask<vscode.DocumentSymbol[]>('DocumentSymbolProvider', document.uri);
    assert.deepEqual(
      symbols.map(symbol => [symbol.name, symbol.children.map(child => child.name)]),
      [['one', ['RUN', 'COPY']]],
    );
    const folds = await ask<vscode.FoldingRange[]>('FoldingRangeProvider', document.uri);
    assert.deepEqual(
      folds.map(({ start, end }) => [start, end]).sort(([a = 0], [b = 0]) => a - b),
      [
        [0, 1],
        [2, 8],
        [3, 4],
        [5, 8],
      ],
    );
  });

  test('a selection grows from a word to its stage', async () => {
    const { document, position } = await openAt('FROM a\nRUN echo "hel|lo" && ls\n');
    const [range] = await ask<vscode.SelectionRange[]>('SelectionRangeProvider', document.uri, [position]);
    const grown: string[] = [];
    for (let at = range; at; at = at.parent as typeof range) grown.push(document.getText(at.range));
    for (const text of ['hello', 'echo "hello"', 'RUN echo "hello" && ls'])
      assert.ok(grown.includes(text), text);
  });

  test('names of all Dockerfiles of the workspace are found', async () => {
    await openText('Dockerfile.symbols', 'FROM a AS unmistakable\n');
    const symbols = await ask<vscode.SymbolInformation[]>('WorkspaceSymbolProvider', 'unmistak');
    assert.deepEqual(
      symbols.map(symbol => [symbol.name, symbol.location.uri.toString()]),
      [['unmistakable', sampleFile('Dockerfile.symbols').toString()]],
    );
  });

  test('images, downloads and files are links', async () => {
    const document = await openDockerfile('FROM alpine:3\nADD https://example.com/a /\nCOPY README.md /\n');
    const links = await ask<vscode.DocumentLink[]>('LinkProvider', document.uri, 10);
    const targets = links.map(({ target }) => target?.toString());
    for (const target of ['https://example.com/a', sampleFile('README.md').toString()])
      assert.ok(targets.includes(target), targets.join(' '));
    assert.ok(targets.some(target => target?.startsWith('https://hub.docker.com/_/alpine')));
  });

  test('tokens colour instructions and the shell, in all and in a range', async () => {
    const document = await openDockerfile('FROM a\nRUN echo "$HOME" | cat -n\n');
    const tokens = await vscode.commands.executeCommand<vscode.SemanticTokens>(
      'vscode.provideDocumentSemanticTokens',
      document.uri,
    );
    const range = await vscode.commands.executeCommand<vscode.SemanticTokens>(
      'vscode.provideDocumentRangeSemanticTokens',
      document.uri,
      new vscode.Range(1, 0, 1, 99),
    );
    assert.ok(tokens.data.length > range.data.length && range.data.length >= 5 * 5);
  });

  test('hints tell the number of a stage', async () => {
    const document = await openDockerfile('FROM a\nFROM b\nCOPY --from=0 /x /y\n');
    const all = new vscode.Range(0, 0, 9, 0);
    const hints = await ask<vscode.InlayHint[]>('InlayHintProvider', document.uri, all);
    const labels = hints.map(({ label }) =>
      typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
    );
    assert.equal(labels.length, 2);
    assert.match(labels[1] ?? '', /1/);
  });

  test('linked editing has all places of a name', async () => {
    const { document, position } = await openAt('FROM a AS one|\nFROM one\n');
    // There is no command of the API for it; this is the one that the editor's own is made of.
    const linked = await vscode.commands.executeCommand<{ ranges: { startLineNumber: number }[] }>(
      '_executeLinkedEditingProvider',
      document.uri,
      { lineNumber: position.line + 1, column: position.character + 1 },
    );
    assert.deepEqual(
      linked.ranges.map(({ startLineNumber }) => startLineNumber),
      [1, 2],
    );
  });
});
