// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDuration } from '../../server/common/duration.ts';
import { createExpander, expandInstruction } from '../../server/language/instructions/expand.ts';
import { firstProblem, parse } from '../../server/language/instructions/parse.ts';
import { platformProblem } from '../../server/language/instructions/platform.ts';
import { parsePort } from '../../server/language/instructions/ports.ts';
import { modeProblem, sourceKind } from '../../server/language/instructions/sources.ts';
import type { Instruction } from '../../server/language/instructions/types.ts';
import { Anchor, Word } from '../../server/language/syntax/place.ts';

/** The one instruction behind `FROM a`. */
function read<K extends Instruction['kind']>(line: string, kind: K): Extract<Instruction, { kind: K }> {
  const file = parse(`FROM a\n${line}`);
  const instruction = file.stages[0]?.instructions[0];
  assert.equal(instruction?.kind, kind, JSON.stringify(file.problems));
  return instruction as Extract<Instruction, { kind: K }>;
}

/** Code and place of the problems of `FROM a` and a line. */
function problems(line: string): [code: string, place: string][] {
  const text = `FROM a\n${line}`;
  return parse(text).problems.map(({ code, start, end }) => [code, text.slice(start, end)]);
}

const texts = (words: readonly { readonly text: string }[]): string[] => words.map(({ text }) => text);

describe('stages', () => {
  test('a stage goes from its FROM to the next', () => {
    const file = parse('ARG V\nFROM a:$V AS Build\nRUN x\nFROM --platform=linux/arm64 build\nUSER u\n');
    assert.deepEqual(
      file.stages.map(({ name, from, instructions }) => [name, from.image.text, instructions.length]),
      [
        ['build', 'a:$V', 1],
        [undefined, 'build', 1],
      ],
    );
    assert.equal(file.stages[1]?.from.platform?.text, 'linux/arm64');
    assert.equal(file.globalArgs.length, 1);
    assert.deepEqual(file.problems, []);
  });

  test('a half-typed FROM begins a stage all the same', () => {
    const file = parse('FROM \nRUN x');
    assert.equal(file.stages[0]?.instructions.length, 1);
    assert.equal(firstProblem(file)?.code, 'from-arguments');
  });

  test('only ARG may stand before the first FROM', () => {
    assert.equal(firstProblem(parse('RUN x\nFROM a'))?.code, 'no-stage');
    assert.equal(firstProblem(parse('ARG x\nFROM a')), undefined);
  });

  test('what the parser refuses comes before what an instruction refuses', () => {
    assert.equal(firstProblem(parse('FROM a\nBOGUS\nENV x'))?.code, 'missing-value');
  });

  test('names of stages are checked', () => {
    assert.deepEqual(problems('FROM b AS 1st'), [['invalid-stage-name', '1st']]);
    assert.deepEqual(problems('FROM b as'), [['from-arguments', 'FROM b as']]);
    assert.deepEqual(problems('FROM b to c'), [['from-arguments', 'FROM b to c']]);
  });
});

describe('mistyped words', () => {
  test('an unknown instruction gets a suggestion in its own case', () => {
    const [upper] = parse('FROM a\nRUNN x').problems;
    assert.match(upper?.message ?? '', /unknown instruction: RUNN \(did you mean RUN\?\)/);
    assert.equal(parse('from a\ncoppy b c').problems[0]?.suggestion, 'copy');
    assert.equal(parse('FROM a\nNOTHINGLIKEIT x').problems[0]?.suggestion, undefined);
  });

  test('an unknown flag gets a suggestion', () => {
    assert.deepEqual(problems('COPY --chwon=a b c'), [['unknown-flag', 'chwon']]);
    assert.equal(parse('FROM a\nCOPY --chwon=a b c').problems[0]?.suggestion, 'chown');
    assert.deepEqual(problems('USER --x a'), [['unknown-flag', '--x']]);
    assert.deepEqual(problems('RUN --constructor x'), [['unknown-flag', '--constructor']]);
  });
});

describe('flags', () => {
  test('values are checked by kind', () => {
    assert.deepEqual(problems('COPY --from b c'), [['flag-without-value', '--from']]);
    assert.deepEqual(problems('COPY --link= b c'), [['flag-without-value', '--link=']]);
    assert.deepEqual(problems('COPY --link=maybe b c'), [['invalid-flag-value', '--link=maybe']]);
    assert.deepEqual(problems('COPY --chown=a --chown=b c d'), [['duplicate-flag', '--chown=b']]);
    assert.deepEqual(problems('RUN --network=all x'), [['invalid-flag-value', 'all']]);
    assert.deepEqual(problems('RUN --security=none x'), [['invalid-flag-value', 'none']]);
  });

  test('COPY has all of its flags', () => {
    const copy = read(
      'COPY --from=b --chown=1:2 --chmod=755 --link --parents=true --exclude=*.md --exclude=x s d',
      'COPY',
    );
    assert.deepEqual(
      [copy.from?.text, copy.chown?.text, copy.chmod?.text, copy.link, copy.parents, texts(copy.exclude)],
      ['b', '1:2', '755', true, true, ['*.md', 'x']],
    );
  });

  test('switches of ADD are undefined when they are absent', () => {
    const plain = read('ADD a b', 'ADD');
    assert.deepEqual([plain.link, plain.unpack, plain.keepGitDir], [false, undefined, undefined]);
    const full = read('ADD --unpack=false --keep-git-dir --checksum=sha256:1 a b', 'ADD');
    assert.deepEqual([full.unpack, full.keepGitDir, full.checksum?.text], [false, true, 'sha256:1']);
  });
});

describe('COPY and ADD', () => {
  test('the last word is the destination', () => {
    const copy = read('COPY a b c/', 'COPY');
    assert.deepEqual([texts(copy.sources), copy.destination.text], [['a', 'b'], 'c/']);
    assert.deepEqual(problems('COPY a'), [['missing-destination', 'COPY a']]);
    assert.deepEqual(problems('ADD'), [['missing-destination', 'ADD']]);
  });

  test('heredocs become files', () => {
    const copy = read('COPY x <<-A <<"B" /d/\n\t1\n\tA\n$2\nB\n', 'COPY');
    assert.deepEqual(texts(copy.sources), ['x']);
    assert.deepEqual(
      copy.inlineFiles.map(({ name, content, expand }) => [name, content, expand]),
      [
        ['A', '1\n', true],
        ['B', '$2\n', false],
      ],
    );
  });

  test('a heredoc cannot be the destination', () => {
    assert.deepEqual(problems('COPY a <<b\nb\n'), [['heredoc-destination', '<<b']]);
  });
});

describe('HEALTHCHECK', () => {
  test('times are nanoseconds', () => {
    const check = read('HEALTHCHECK --interval=1m30s --timeout=500ms --retries=2 CMD ["x"]', 'HEALTHCHECK');
    assert.deepEqual([check.interval, check.timeout, check.retries], [90e9, 5e8, 2]);
    assert.deepEqual([check.command?.form, texts(check.command?.words ?? [])], ['exec', ['x']]);
    assert.equal(read('HEALTHCHECK none', 'HEALTHCHECK').command, undefined);
  });

  test('wrong ones are refused at the word', () => {
    assert.deepEqual(problems('HEALTHCHECK NONE x'), [['extra-argument', 'x']]);
    assert.deepEqual(problems('HEALTHCHECK CMD'), [['missing-command', 'HEALTHCHECK CMD']]);
    assert.deepEqual(problems('HEALTHCHECK DMC x'), [['unknown-healthcheck', 'DMC']]);
    assert.deepEqual(problems('HEALTHCHECK --interval=1 CMD x'), [['invalid-duration', '1']]);
    assert.deepEqual(problems('HEALTHCHECK --timeout=1us CMD x'), [['short-interval', '1us']]);
    assert.deepEqual(problems('HEALTHCHECK --retries=-1 CMD x'), [['invalid-retries', '-1']]);
    assert.deepEqual(problems('HEALTHCHECK --retries=x CMD x'), [['invalid-retries', 'x']]);
  });
});

describe('other instructions', () => {
  test('ARG declares several names', () => {
    const arg = read('ARG a b=c d="e f"', 'ARG');
    assert.deepEqual(
      arg.declarations.map(({ key, value }) => [key.text, value?.text]),
      [
        ['a', undefined],
        ['b', 'c'],
        ['d', '"e f"'],
      ],
    );
    assert.deepEqual(problems('ARG =x'), [['blank-name', '=x']]);
  });

  test('instructions without arguments are refused, but for RUN, CMD and ENTRYPOINT', () => {
    for (const name of [
      'ENV',
      'LABEL',
      'ARG',
      'EXPOSE',
      'VOLUME',
      'USER',
      'WORKDIR',
      'SHELL',
      'STOPSIGNAL',
    ]) {
      assert.deepEqual(problems(name), [['missing-argument', name]], name);
    }
    for (const name of ['RUN', 'CMD', 'ENTRYPOINT']) assert.deepEqual(problems(name), [], name);
  });

  test('SHELL has a JSON form only', () => {
    assert.deepEqual(texts(read('SHELL ["a", "b"]', 'SHELL').words), ['a', 'b']);
    assert.deepEqual(problems('SHELL a b'), [['shell-not-json', 'a b']]);
  });

  test('USER and WORKDIR keep blanks', () => {
    assert.equal(read('WORKDIR /a b  c', 'WORKDIR').path.text, '/a b  c');
    assert.equal(read('USER a b', 'USER').user.text, 'a b');
  });

  test('EXPOSE sorts its words', () => {
    assert.deepEqual(texts(read('EXPOSE 9 80 10/udp', 'EXPOSE').ports), ['10/udp', '80', '9']);
  });

  test('ONBUILD keeps its text and refuses what cannot be a trigger', () => {
    assert.equal(read('ONBUILD RUN <<E\nx\nE\n', 'ONBUILD').expression, 'RUN <<E\nx\nE');
    assert.equal(read('onbuild  copy a b', 'ONBUILD').trigger?.kind, 'COPY');
    assert.deepEqual(problems('ONBUILD ONBUILD RUN x'), [['onbuild-onbuild', 'ONBUILD']]);
    assert.deepEqual(problems('ONBUILD FROM x'), [['onbuild-trigger', 'FROM']]);
  });

  test('a wrong trigger is no problem of the file that has it', () => {
    assert.deepEqual(problems('ONBUILD COPY a'), []);
  });
});

test('durations are read as Go reads them', () => {
  const nanoseconds = (text: string) => {
    const duration = parseDuration(text);
    return duration.error === undefined ? duration.nanoseconds : undefined;
  };
  assert.equal(nanoseconds('1h1m1.5s'), 3661.5e9);
  assert.equal(nanoseconds('.5ms'), 5e5);
  assert.equal(nanoseconds('-1s'), -1e9);
  assert.equal(nanoseconds('0'), 0);
  for (const text of ['', '1', 's', '1d', '1.2.3s', '+', '9999999h', 'constructor']) {
    assert.equal(nanoseconds(text), undefined, text);
  }
});

describe('ports', () => {
  const ports = (text: string) => parsePort(new Word(new Anchor(0, 0), { text, start: 0, end: text.length }));

  test('a word is a port or a range with a protocol', () => {
    assert.deepEqual(ports('80').ports, ['80/tcp']);
    assert.deepEqual(ports('80/UDP').ports, ['80/udp']);
    assert.deepEqual(ports('8000-8002/sctp').ports, ['8000/sctp', '8001/sctp', '8002/sctp']);
  });

  test('addresses and ports of the host are told', () => {
    assert.ok(ports('127.0.0.1:80:80').hasHostPart);
    assert.ok(ports('[::1]:80:80').hasHostPart);
    assert.equal(ports('80:8080').error, undefined);
  });

  test('what is no port has an error', () => {
    for (const text of [
      '',
      'x',
      '80/icmp',
      '70000',
      '9-8',
      '80-',
      '-1',
      '1.2.3:80:80',
      '80-81:90-92',
      'a:80',
    ]) {
      assert.notEqual(ports(text).error, undefined, text);
    }
  });
});

test('platforms have an operating system, an architecture or both', () => {
  for (const text of ['linux', 'amd64', 'linux/arm/v7', 'windows(10.0.17763)/amd64', 'aarch64']) {
    assert.equal(platformProblem(text), undefined, text);
  }
  for (const text of ['', 'pdp11', 'linux/*', 'a/b/c/d', 'linux/', 'li nux/amd64']) {
    assert.notEqual(platformProblem(text), undefined, text);
  }
});

test('sources are paths, URLs or repositories', () => {
  assert.equal(sourceKind('a/b.git'), 'path');
  assert.equal(sourceKind('https://h/x.tar'), 'url');
  assert.equal(sourceKind('https://h/x.git#main:dir'), 'git');
  assert.equal(sourceKind('git@h:x/y.git'), 'git');
  assert.equal(sourceKind('ssh://h/x'), 'git');
});

test('modes are octal or symbolic', () => {
  for (const mode of ['755', '07777', 'u=rwX,go=rX', 'a+x', '-w', '+x'])
    assert.equal(modeProblem(mode), undefined, mode);
  for (const mode of ['8', '10000', 'u', 'u=z', 'rwx', ''])
    assert.notEqual(modeProblem(mode), undefined, mode);
});

describe('expansion', () => {
  const env = new Map([
    ['D', '/data'],
    ['PORTS', '80 81/udp'],
  ]);
  const expander = createExpander(env, { escapeToken: '\\' });

  test('replaces variables where a build does', () => {
    const copy = expandInstruction(
      read('COPY --from=$D --chown=$D --exclude=$D $D/a <<F $D/\n"$D"\nF\n', 'COPY'),
      expander,
    );
    assert.deepEqual(
      [copy.from?.text, copy.chown?.text, texts(copy.exclude), texts(copy.sources), copy.destination.text],
      ['$D', '/data', ['$D'], ['/data/a'], '/data/'],
    );
    assert.equal(copy.inlineFiles[0]?.content, '"/data"\n');
    assert.equal(expandInstruction(read('WORKDIR "$D/x y"', 'WORKDIR'), expander).path.text, '/data/x y');
  });

  test('one word of EXPOSE can become several', () => {
    assert.deepEqual(texts(expandInstruction(read('EXPOSE $PORTS $NONE', 'EXPOSE'), expander).ports), [
      '80',
      '81/udp',
    ]);
  });

  test('leaves commands alone', () => {
    const run = read('RUN echo $D', 'RUN');
    assert.equal(expandInstruction(run, expander), run);
  });

  test('tells which variables are not set', () => {
    const unset: string[] = [];
    const strict = createExpander(env, { escapeToken: '\\', onUnset: name => unset.push(name) });
    expandInstruction(read('ENV A=$B C=$D${E:-x}', 'ENV'), strict);
    assert.deepEqual(unset, ['B', 'E']);
  });
});
