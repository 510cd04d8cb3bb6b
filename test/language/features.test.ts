// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeActions } from '../../server/language/features/codeActions.ts';
import { diagnostics } from '../../server/language/features/diagnostics.ts';
import { documentSymbols } from '../../server/language/features/documentSymbols.ts';
import { foldingRanges } from '../../server/language/features/folding.ts';
import { hover } from '../../server/language/features/hover.ts';
import { signatureHelp } from '../../server/language/features/signatureHelp.ts';
import { check } from '../../server/language/lint/check.ts';
import { mistypedStageName } from '../../server/language/lint/sampan/mistypedStageName.ts';
import { inspected } from './inspected.ts';
import { applyEdits, marked, textOf } from './marked.ts';

describe('hover', () => {
  function explain(written: string): [about: string, text: string] | undefined {
    const { result, position, text } = marked(written);
    const found = hover(result, position);
    return found && [textOf(text, found.range), found.contents.value];
  }

  test('explains instructions, flags and mounts', () => {
    assert.equal(explain('FR|OM a')?.[0], 'FROM');
    assert.match(explain('FROM a\nCOPY --li|nk a b')?.[1] ?? '', /layer of its own/);
    assert.equal(explain('FROM a\nRUN --mount=type=ca|che,target=/x y')?.[0], 'cache');
    assert.equal(explain('FROM a\nRUN --mount=type=cache,dst|=/x y')?.[0], 'dst');
    assert.equal(explain('FROM a\nONBUILD CO|PY a b')?.[0], 'COPY');
  });

  test('shows what a variable is here', () => {
    const text = 'FROM a\nENV A=1\nENV A=2\nRUN echo $|A';
    assert.deepEqual(explain(text), ['A', '`A` = `2`\n\nSet by ENV in line 3.']);
    assert.match(explain('ARG |A=1\nFROM a\nARG A=2')?.[1] ?? '', /= `1`.*ARG in line 1/s);
    assert.match(explain('FROM a\nENV A=1\nENV |A=2 B=$A')?.[1] ?? '', /= `2`.*line 3/s);
    assert.match(explain('FROM a\nENV A=1\nRUN echo ${|B}')?.[1] ?? '', /not set here/);
    assert.match(explain('ARG A=1\nFROM a\nARG A\nRUN echo "$|A"')?.[1] ?? '', /= `1`/);
    assert.match(explain("FROM a\nENV A=1\nRUN echo '$|A'")?.[1] ?? '', /stays as it is written.*`1`/s);
    assert.equal(explain("FROM a\nRUN echo '$|A'"), undefined);
    assert.equal(explain('ENV |A="\\"x\\""')?.[1]?.split('\n')[0], '`A` = `"x"`');
  });

  test('follows a stage to its image', () => {
    const text = 'FROM alpine:3 AS one\nFROM one AS two\nFROM x\nCOPY --from=t|wo a b';
    assert.match(explain(text)?.[1] ?? '', /Stage 1 from `one`, which comes from `alpine:3`, line 2/);
  });

  test('takes an image reference apart', () => {
    assert.match(explain('FROM al|pine')?.[1] ?? '', /library\/alpine`.*`latest` \(not written\)/s);
    assert.match(explain('ARG T=9\nFROM h:|5000/a:$T')?.[1] ?? '', /tag `9`/);
    assert.match(explain('FROM |A')?.[1] ?? '', /Not an image reference/);
  });

  test('explains directives, checks and heredocs', () => {
    assert.match(explain('# esc|ape=`\nFROM a')?.[1] ?? '', /continues lines/);
    assert.match(explain('# check=skip=Undefin|edVar\nFROM a')?.[1] ?? '', /UndefinedVar/);
    assert.match(explain('FROM a\nRUN <<-"E|OF"\nEOF')?.[1] ?? '', /stays as it is written.*tabs/);
  });

  test('has nothing to say about blanks and plain words', () => {
    assert.equal(explain('FROM a\n|\n'), undefined);
    assert.equal(explain('FROM a\nRUN ec|ho'), undefined);
  });
});

test('diagnostics have exact ranges, a severity and a code', () => {
  const text = 'FROM a:1 AS Big\nRUNN x\n';
  const found = diagnostics(inspected(text));
  assert.deepEqual(
    found.map(({ code, severity, range }) => [code, severity, textOf(text, range)]),
    [
      ['unknown-instruction', 1, 'RUNN'],
      ['StageNameCasing', 2, 'Big'],
    ],
  );
  assert.equal(
    found[1]?.codeDescription?.href,
    'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/',
  );
});

test('a slip in the name of a stage is told and corrected', () => {
  const rules = [mistypedStageName];
  const text = 'FROM a AS builder\nFROM a:1\nCOPY --from=buildr x y\nRUN --mount=from=Builder,target=/m z\n';
  const [found, ...more] = diagnostics(inspected(text, { rules }));
  assert.deepEqual(
    [found?.code, found?.severity, found && textOf(text, found.range)],
    ['MistypedStageName', 3, 'buildr'],
  );
  assert.deepEqual(more, []);
  const both = diagnostics(inspected(text)).filter(one => textOf(text, one.range) === 'buildr');
  assert.deepEqual(
    both.map(({ code, message }) => [code, /DL3022/.test(message)]),
    [['MistypedStageName', true]],
    'hadolint tells the same fact',
  );
  const { result, position } = marked(text.replace('buildr', 'bu|ildr'));
  const [action] = codeActions(inspected(result, { rules }), { start: position, end: position });
  assert.match(applyEdits(text, action?.edits ?? []), /--from=builder x/);
  const clean = 'FROM a AS builder\nFROM builders:1\nCOPY --from=builder x y\n';
  assert.deepEqual(diagnostics(inspected(clean, { rules })), []);
});

test('addresses of rules split capitals', () => {
  const found = diagnostics(inspected('FROM scratch\nCMD a b'));
  assert.match(found[0]?.codeDescription?.href ?? '', /json-args-recommended/);
});

test('the outline has stages with their instructions', () => {
  const text = 'ARG A\nFROM a:1 AS build\nRUN x \\\n  y\nFROM scratch\nCOPY --from=build a b\n';
  const symbols = documentSymbols(check(text));
  assert.deepEqual(
    symbols.map(({ name, detail, children }) => [name, detail, children?.map(child => child.name)]),
    [
      ['ARG', 'A', undefined],
      ['build', 'FROM a:1', ['RUN']],
      ['scratch', 'stage 1', ['COPY']],
    ],
  );
  assert.equal(
    textOf(text, symbols[1]?.range ?? (symbols[0]?.range as never)),
    'FROM a:1 AS build\nRUN x \\\n  y',
  );
});

test('stages, long instructions, heredocs and comments fold', () => {
  const text = 'FROM a\n# 1\n# 2\nRUN x \\\n  y\nRUN <<A\nz\nA\nFROM b\n';
  assert.deepEqual(
    foldingRanges(check(text)).map(({ startLine, endLine, kind }) => [startLine, endLine, kind ?? '']),
    [
      [0, 7, 'region'],
      [3, 4, ''],
      [5, 7, ''],
      [1, 2, 'comment'],
    ],
  );
});

test('each of several heredocs folds', () => {
  const text = 'FROM a\nCOPY <<A <<B /x/\n1\n2\nA\n3\n4\nB\n';
  assert.deepEqual(
    foldingRanges(check(text)).map(({ startLine, endLine }) => [startLine, endLine]),
    [
      [0, 7],
      [1, 7],
      [4, 7],
    ],
  );
});

describe('signature help', () => {
  function help(written: string): [form: string, parameter: string] | undefined {
    const { result, position } = marked(written);
    const found = signatureHelp(result, position);
    const signature = found?.signatures[found.activeSignature];
    const parameter = signature?.parameters[signature.activeParameter];
    return signature && parameter && [signature.label, signature.label.slice(...parameter.label)];
  }

  test('shows the form and the part that is written', () => {
    assert.deepEqual(help('FROM a\nCOPY a |'), ['COPY [flags] source... destination', 'destination']);
    assert.deepEqual(help('FROM a\nCOPY --fr|om=b'), ['COPY [flags] source... destination', '[flags]']);
    assert.equal(help('FROM a\nCOPY a b| c')?.[1], 'source...');
    assert.equal(help('FROM a\nCOPY a b c|')?.[1], 'destination');
    assert.equal(help('FROM a |')?.[1], '[AS name]');
    assert.deepEqual(help('FROM a\nCMD ["a|"]'), ['CMD ["program", "argument", ...]', '"program"']);
    assert.equal(help('FROM a\nCMD ["a", "b", "c|')?.[1], '...');
    assert.equal(help('FROM a\nCOPY ["a", "b|", "c"]')?.[1], '...');
    assert.equal(help('FROM a\nCOPY ["a", "b|"]')?.[1], '"destination"');
    assert.equal(help('FROM a\nHEALTHCHECK NONE|')?.[0], 'HEALTHCHECK NONE');
    assert.equal(help('FROM a\nWORK|DIR'), undefined);
    assert.equal(help('FROM a\nRUN <<E\n|x\nE'), undefined);
  });

  test('shows what goes behind a flag or directive', () => {
    assert.deepEqual(help('FROM a\nRUN --network=|'), [
      'RUN --network=default|none|host',
      'default|none|host',
    ]);
    assert.deepEqual(help('FROM a\nHEALTHCHECK --retries=| CMD x')?.[1], 'number');
    const mount = help('FROM a\nRUN --mount=type=cache,sharing=|');
    assert.deepEqual(mount, [
      'RUN --mount=type=cache,target=…,source=…,from=…,id=…,sharing=…,readonly=…,mode=…,uid=…,gid=…',
      'sharing=…',
    ]);
    assert.deepEqual(help('# escape=|\nFROM a'), ['# escape=\\|`', '\\|`']);
    assert.equal(help('FROM a\nUSER --x=|')?.[0], 'USER user[:group]');
    assert.equal(help('# anything=|\nFROM a'), undefined);
  });

  test('says what a part is for', () => {
    const { result, position } = marked('FROM a\nCOPY |');
    const documented = signatureHelp(result, position)?.signatures[0]?.parameters.map(
      one => one.documentation?.value,
    );
    assert.match(documented?.[1] ?? '', /build context/);
    assert.ok(documented?.every(one => one !== undefined));
  });
});

describe('code actions', () => {
  function actions(written: string): { title: string; after: string }[] {
    const { result, position, text } = marked(written);
    return codeActions(inspected(result), { start: position, end: position }).map(({ title, edits }) => ({
      title,
      after: applyEdits(text, edits),
    }));
  }
  const after = (written: string, title: string): string | undefined =>
    actions(written).find(action => action.title === title)?.after;

  test('correct what is mistyped', () => {
    assert.equal(after('FROM a\nRU|NN x', 'Change to RUN'), 'FROM a\nRUN x');
    assert.equal(after('FROM a\nCOPY --fro|=b c d', 'Change to from'), 'FROM a\nCOPY --from=b c d');
  });

  test('apply the fix of a check', () => {
    assert.equal(after('FROM a as| b', 'Write AS'), 'FROM a AS b');
  });

  test('silence a check for the file', () => {
    const title = 'Skip FromAsCasing in this Dockerfile';
    assert.equal(after('FROM a as| b', title), '# check=skip=FromAsCasing\nFROM a as b');
    assert.equal(
      after('# syntax=x\nFROM a as| b', title),
      '# syntax=x\n# check=skip=FromAsCasing\nFROM a as b',
    );
    assert.equal(
      after('# check=skip=A;error=true\nFROM a as| b', title),
      '# check=skip=A,FromAsCasing;error=true\nFROM a as b',
    );
    assert.equal(
      after('# check=error=false\nFROM a as| b', title),
      '# check=error=false;skip=FromAsCasing\nFROM a as b',
    );
  });

  test('silence a check for an instruction, also the first', () => {
    const title = 'Skip FromAsCasing for this instruction';
    for (const written of ['FROM x\nFROM a as| b', 'FROM a as| b\nFROM c as d']) {
      const changed = after(written, title);
      assert.ok(changed, written);
      const before = check(written.replace('|', '')).warnings.length;
      assert.equal(check(changed).warnings.length, before - 1, changed);
    }
  });

  test('fix everything at once', () => {
    const text = 'from a AS B\nRUN x\nRUN y\nMAINTAINER me\n';
    const start = { line: 0, character: 0 };
    const all = (of: string) => codeActions(inspected(of), { start, end: start }, ['source']);
    const fixed = applyEdits(text, all(text)[0]?.edits ?? []);
    assert.equal(fixed, 'FROM a AS b\nRUN x\nRUN y\nLABEL org.opencontainers.image.authors="me"\n');
    assert.deepEqual(check(fixed).warnings, []);
    assert.deepEqual(all(fixed), []);
    assert.ok(!actions(`|${text}`).some(({ title }) => title.startsWith('Fix all')));
  });
});
