// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '../../server/language/evaluation/evaluate.ts';
import type { EvaluationOptions, ImageFacts } from '../../server/language/evaluation/types.ts';
import { parse } from '../../server/language/instructions/parse.ts';

function problems(text: string, options: EvaluationOptions = {}): string[] {
  return evaluate(parse(text), options).problems.map(
    ({ code, start, end }) => `${code} ${text.slice(start, end)}`,
  );
}

/** What the last instruction of the file is with its variables replaced. */
function last(text: string, options: EvaluationOptions = {}): string {
  const stage = evaluate(parse(text), options).stages.at(-1);
  const expanded = stage?.instructions.at(-1)?.expanded;
  assert.ok(expanded?.kind === 'WORKDIR');
  return expanded.path.text;
}

describe('variables', () => {
  test('ENV holds from the next instruction on', () => {
    assert.equal(last('FROM a\nENV A=1\nENV A=2 B=$A\nWORKDIR /$A/$B'), '/2/1');
  });

  test('ARG sees the names before it in the same instruction', () => {
    assert.equal(last('FROM a\nARG A=1 B=$A\nWORKDIR /$B'), '/1');
  });

  test('build arguments win over defaults, and need a declaration', () => {
    const buildArgs = new Map([
      ['A', 'given'],
      ['C', 'lost'],
    ]);
    assert.equal(last('FROM a\nARG A=1\nWORKDIR /$A$C', { buildArgs }), '/given');
  });

  test('a stage takes a global argument by declaring it', () => {
    assert.equal(last('ARG A=1\nFROM a\nARG A\nWORKDIR /$A'), '/1');
    assert.equal(last('ARG A=1\nFROM a\nWORKDIR /$A'), '/');
    assert.equal(last('FROM a\nARG TARGETARCH\nWORKDIR /$TARGETARCH', { platform: 'linux/arm64' }), '/arm64');
  });

  test('a stage inherits from the one it is built on', () => {
    assert.equal(last('FROM x AS a\nENV A=1\nFROM a\nWORKDIR /$A'), '/1');
    assert.equal(last('FROM x AS a\nENV A=1\nFROM x\nWORKDIR /$A'), '/');
  });

  test('a base image has its environment', () => {
    const facts: ImageFacts = {
      env: new Map([['A', 'image']]),
      hasShell: false,
      platform: undefined,
      onbuild: [],
    };
    assert.equal(
      last('FROM x\nWORKDIR /$A', { findImage: name => (name === 'x' ? facts : undefined) }),
      '/image',
    );
  });

  test('a line that cannot be expanded is a problem there', () => {
    assert.deepEqual(problems('FROM scratch\nWORKDIR /${A:?set it}'), ['invalid-expression /${A:?set it}']);
    assert.deepEqual(problems('FROM a\nWORKDIR /${PATH'), ['invalid-expression /${PATH']);
    assert.deepEqual(problems('ARG A=${\nFROM a'), ['invalid-expression ARG A=${']);
  });
});

describe('FROM', () => {
  test('has an image', () => {
    assert.deepEqual(problems('FROM $NONE'), ['blank-image $NONE']);
    assert.deepEqual(problems('FROM Upper'), ['invalid-reference Upper']);
    assert.deepEqual(problems('FROM a AS b\nFROM b\nFROM scratch'), []);
  });

  test('finds a stage by its name in lower case only', () => {
    assert.deepEqual(problems('FROM a AS Build\nFROM Build'), ['invalid-reference Build']);
    assert.deepEqual(problems('FROM a AS Build\nFROM build'), []);
  });

  test('has a platform that exists', () => {
    assert.deepEqual(problems('FROM --platform=nonsense a'), ['invalid-platform nonsense']);
    assert.deepEqual(problems('FROM --platform=$NONE a'), ['invalid-platform $NONE']);
  });
});

describe('what is read from', () => {
  test('a later stage cannot be copied from or mounted', () => {
    assert.deepEqual(problems('FROM a AS x\nCOPY --from=y a b\nFROM a AS y'), ['stage-not-yet-defined y']);
    assert.deepEqual(problems('FROM a AS x\nRUN --mount=from=y,target=/m z\nFROM a AS y'), [
      'stage-not-yet-defined y',
    ]);
    assert.deepEqual(problems('FROM a AS x\nFROM a\nCOPY --from=x a b\nCOPY --from=0 a b'), []);
  });

  test('a number has to be that of a stage', () => {
    assert.deepEqual(problems('FROM a\nCOPY --from=7 a b'), ['invalid-stage-index 7']);
  });

  test('stages cannot read from each other or from themselves', () => {
    assert.deepEqual(problems('FROM a AS x\nCOPY --from=x a b')[0], 'circular-dependency FROM a AS x');
    assert.deepEqual(
      problems('FROM a AS x\nCOPY --from=y a b\nFROM a AS y\nCOPY --from=x a b')[0],
      'circular-dependency FROM a AS x',
    );
  });

  test('an image has to have a name, and no variable', () => {
    assert.deepEqual(problems('FROM a\nCOPY --from=Upper a b'), ['invalid-reference COPY --from=Upper a b']);
    assert.deepEqual(problems('FROM a\nCOPY --from=$X a b'), ['variable-in-from $X']);
  });
});

describe('instructions', () => {
  test('are refused for values that only show when variables are replaced', () => {
    assert.deepEqual(problems('FROM a\nENV S=NOPE\nSTOPSIGNAL $S'), ['invalid-signal $S']);
    assert.deepEqual(problems('FROM a\nENV P=x\nEXPOSE $P'), ['invalid-port $P']);
    assert.deepEqual(problems('FROM scratch\nVOLUME $NONE'), ['blank-path $NONE']);
    assert.deepEqual(problems('FROM a\nCOPY --chmod=99 a b'), ['invalid-mode 99']);
    assert.deepEqual(problems('FROM a\nCOPY https://h/x /'), ['remote-source https://h/x']);
    assert.deepEqual(problems('FROM a\nADD --checksum=sha256:0 x /'), ['invalid-checksum sha256:0']);
    assert.deepEqual(problems('FROM a\nADD --checksum=nothing https://h/x /'), ['invalid-checksum nothing']);
  });

  test('are not judged by variables that an unknown base image may set', () => {
    for (const line of [
      'STOPSIGNAL $X',
      'EXPOSE $X/tcp',
      'VOLUME $X',
      'WORKDIR /${X:?}',
      'COPY --chmod=$X a b',
    ]) {
      assert.deepEqual(problems(`FROM a\n${line}`), [], line);
      assert.equal(problems(`FROM scratch\n${line}`).length, line.startsWith('COPY') ? 0 : 1, line);
    }
  });

  test('a mount has a target below the root', () => {
    assert.deepEqual(problems('FROM a\nRUN --mount=type=cache,target=/ x'), [
      'invalid-mount type=cache,target=/',
    ]);
    assert.deepEqual(problems('FROM a\nRUN --mount=type=cache x'), ['invalid-mount type=cache']);
    assert.deepEqual(problems('FROM a\nWORKDIR /w\nRUN --mount=type=cache x'), []);
    assert.deepEqual(problems('FROM a\nRUN --mount=type=ssh,source=x y'), [
      'invalid-mount type=ssh,source=x',
    ]);
  });
});

describe('triggers', () => {
  test('ONBUILD runs at the FROM of the next stage', () => {
    const base = 'FROM a AS b\nONBUILD ENV A=1\n';
    assert.equal(last(`${base}FROM b\nWORKDIR /$A`), '/1');
    assert.equal(last(`${base}WORKDIR /$A`), '/');
  });

  test('a wrong trigger is a problem where it runs', () => {
    const base = 'FROM a AS b\nONBUILD COPY x\n';
    assert.deepEqual(problems(base), []);
    assert.deepEqual(problems(`${base}FROM b`), ['invalid-trigger FROM b']);
    assert.deepEqual(problems(`${base}FROM b AS c\nFROM a`), []);
  });
});

test('SOURCE_DATE_EPOCH is a number, the context or a stage with one download', () => {
  assert.deepEqual(problems('ARG SOURCE_DATE_EPOCH=1\nFROM a'), []);
  assert.deepEqual(problems('ARG SOURCE_DATE_EPOCH=context\nFROM a'), []);
  assert.deepEqual(problems('ARG SOURCE_DATE_EPOCH=x\nFROM a'), ['invalid-epoch ARG SOURCE_DATE_EPOCH=x']);
  assert.deepEqual(problems('ARG SOURCE_DATE_EPOCH=s\nFROM scratch AS s\nADD https://h/x /\nFROM a'), []);
});

test('a file without a stage has nothing to build', () => {
  assert.deepEqual(problems('ARG x'), ['no-stage ']);
});

describe('files that nobody writes', () => {
  const many = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('');

  test('do not run out of stack', () => {
    const copies = many(20_000, index => `FROM a AS s${index}\nCOPY --from=s${Math.max(0, index - 1)} a b\n`);
    assert.equal(problems(copies)[0], 'circular-dependency FROM a AS s0');
    assert.deepEqual(
      problems(many(5000, index => `FROM ${index === 0 ? 'a' : `s${index - 1}`} AS s${index}\n`)),
      [],
    );
    const nested = `FROM scratch\nENV A=${'${A:-'.repeat(3000)}${'}'.repeat(3000)}`;
    assert.match(problems(nested)[0] ?? '', /^invalid-expression/);
    assert.equal(parse(`FROM a\n${'ONBUILD '.repeat(5000)}RUN x`).problems[0]?.code, 'onbuild-onbuild');
  });

  test('do not take long for slips without end', () => {
    const text = `FROM scratch\n${many(3000, index => `ARG NAME${index}\nCOPY $NAMX${index} /\n`)}`;
    const started = performance.now();
    assert.ok(evaluate(parse(text)).stages[0]?.instructions.length);
    assert.ok(performance.now() - started < 5000);
  });
});
