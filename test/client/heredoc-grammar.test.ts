import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Rule {
  readonly begin: string;
  readonly while: string;
  readonly contentName: string;
}

const path = '../../syntaxes/dockerfileHeredoc.tmLanguage.json';
const grammar = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
  readonly patterns: readonly { readonly include: string }[];
  readonly repository: { readonly [name: string]: Rule };
};

/** What the lines behind a line are coloured as; undefined when the line has no heredoc. */
function contentOf(line: string): string | undefined {
  const rules = grammar.patterns.flatMap(({ include }) => grammar.repository[include.slice(1)] ?? []);
  return rules
    .find(({ begin }) => new RegExp(begin).test(line))
    ?.contentName.split('.')
    .at(-1);
}

test('heredocs are coloured as what reads them', () => {
  assert.equal(contentOf('RUN <<EOF'), 'shellscript');
  assert.equal(contentOf('RUN --mount=type=ssh <<-"EOF"  '), 'shellscript');
  assert.equal(contentOf('RUN python3 - <<EOF > /x'), 'python');
  assert.equal(contentOf("RUN a && node <<'EOF'"), 'javascript');
  assert.equal(contentOf('RUN ruby <<EOF'), 'ruby');
  assert.equal(contentOf('RUN perl <<EOF'), 'perl');
  assert.equal(contentOf('COPY <<EOF /etc/x'), 'text');
  assert.equal(contentOf('RUN cat 3<<EOF > /x'), 'text');
});

test('what only looks like a heredoc is none', () => {
  for (const line of ['RUN echo $((1<<2))', 'RUN (( 1 << 2 ))', 'RUN cat <<<x', 'ENV A=<<B']) {
    assert.equal(contentOf(line), undefined, line);
  }
});

test('a heredoc ends at its name', () => {
  for (const rule of Object.values(grammar.repository).filter(({ begin }) => begin?.includes('<<'))) {
    assert.equal(rule.while, '^(?!\\t*\\4$)');
    const name = new RegExp(rule.begin).exec(`RUN python3 ruby perl node <<-'EOF'`)?.[4] ?? 'EOF';
    const goesOn = new RegExp(rule.while.replace('\\4', name));
    assert.ok(goesOn.test(' EOF') && goesOn.test('EOFX') && !goesOn.test('\tEOF'));
  }
});
