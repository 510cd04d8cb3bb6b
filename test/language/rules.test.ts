// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImageFacts } from '../../server/language/evaluation/types.ts';
import { createIgnoreMatcher } from '../../server/language/ignore/matcher.ts';
import {
  type CheckOptions,
  check,
  type Warning,
  warningsBeforeError,
} from '../../server/language/lint/check.ts';
import { rules } from '../../server/language/lint/rules.ts';
import { toPosition } from '../../server/language/syntax/position.ts';
import { applyEdits } from './marked.ts';

const plain: ImageFacts = { env: new Map(), hasShell: false, platform: undefined, onbuild: [] };
const known = { findImage: () => plain };

/** Rule and marked text of the warnings. */
function found(text: string, options: CheckOptions = known): string[] {
  return check(text, options).warnings.map(({ rule, start, end }) => `${rule} ${text.slice(start, end)}`);
}

function only(text: string, rule: string, options: CheckOptions = known): Warning {
  const warnings = check(text, options).warnings.filter(warning => warning.rule === rule);
  assert.equal(warnings.length, 1, `${rule} in ${text}`);
  return warnings[0] as Warning;
}

/** The text after the fix of the one warning of a rule. */
function fixed(text: string, rule: string): string {
  const { fix } = only(text, rule);
  assert.ok(fix, rule);
  const { tree } = check(text).file;
  const edits = fix.changes.map(({ start, end, text: newText }) => ({
    range: { start: toPosition(tree, start), end: toPosition(tree, end) },
    newText,
  }));
  return applyEdits(text, edits);
}

test('a file that keeps all rules has no warning', () => {
  const text =
    '# syntax=docker/dockerfile:1\nARG TAG=3\nFROM alpine:${TAG} AS build\nWORKDIR /app\nARG V\nENV A=$V B=1\nCOPY a ./\nEXPOSE 80/tcp\nRUN echo $undefined\nCMD ["x"]\nFROM build\n';
  assert.deepEqual(found(text), []);
});

test('names of stages are in lower case', () => {
  const text = 'FROM a AS Build';
  assert.deepEqual(found(text), ['StageNameCasing Build']);
  assert.equal(fixed(text, 'StageNameCasing'), 'FROM a AS build');
});

test('AS is written as FROM is', () => {
  assert.deepEqual(found('FROM a as b'), ['FromAsCasing as']);
  assert.equal(fixed('from a AS b', 'FromAsCasing'), 'from a as b');
  assert.deepEqual(found('FROM a As b'), ['FromAsCasing As']);
});

test('empty continuation lines are found, once for an instruction', () => {
  const text = 'FROM a\nRUN b \\\n\n\n  c\n';
  const warning = only(text, 'NoEmptyContinuation');
  assert.equal(warning.line, 4);
  assert.equal(toPosition(check(text).file.tree, warning.start).line, 2);
  assert.equal(fixed(text, 'NoEmptyContinuation'), 'FROM a\nRUN b \\\n  c\n');
});

test('the casing of most instructions counts', () => {
  assert.deepEqual(found('FROM a\nrun b'), ['ConsistentInstructionCasing run']);
  assert.deepEqual(found('from a\nrun b\nUSER c'), ['ConsistentInstructionCasing USER']);
  assert.deepEqual(found('FROM a\nRun b'), ['ConsistentInstructionCasing Run']);
  assert.equal(fixed('FROM a\nrun b', 'ConsistentInstructionCasing'), 'FROM a\nRUN b');
});

test('names of stages are unique and not reserved', () => {
  assert.deepEqual(found('FROM a AS b\nFROM c AS B'), ['StageNameCasing B', 'DuplicateStageName B']);
  assert.deepEqual(found('FROM a AS scratch'), ['ReservedStageName scratch']);
  assert.deepEqual(found('FROM a AS context'), ['ReservedStageName context']);
});

test('CMD and ENTRYPOINT are in JSON form, unless a shell was chosen', () => {
  const text = 'FROM a\nCMD run me --now';
  assert.deepEqual(found(text), ['JSONArgsRecommended CMD run me --now']);
  assert.equal(fixed(text, 'JSONArgsRecommended'), 'FROM a\nCMD ["run", "me", "--now"]');
  assert.deepEqual(found('FROM a AS b\nSHELL ["sh", "-c"]\nFROM b\nENTRYPOINT x'), []);
  assert.deepEqual(found(text, { findImage: () => ({ ...plain, hasShell: true }) }), []);
});

test('no JSON form is offered for what needs a shell', () => {
  for (const command of ['a && b', 'echo $X', 'A=1 b', 'a "b c"', 'a | b', 'a *']) {
    assert.equal(only(`FROM a\nCMD ${command}`, 'JSONArgsRecommended').fix, undefined, command);
  }
});

test('MAINTAINER becomes a label', () => {
  const text = 'FROM a\nMAINTAINER A "B" $C\n';
  assert.deepEqual(found(text), ['MaintainerDeprecated MAINTAINER A "B" $C']);
  assert.equal(
    fixed(text, 'MaintainerDeprecated'),
    'FROM a\nLABEL org.opencontainers.image.authors="A \\"B\\" \\$C"\n',
  );
});

test('FROM uses declared arguments', () => {
  const text = 'ARG VERSION=1\nFROM a:${VERSOIN}';
  assert.ok(found(text).includes('UndefinedArgInFrom VERSOIN'));
  assert.equal(fixed(text, 'UndefinedArgInFrom'), 'ARG VERSION=1\nFROM a:${VERSION}');
  assert.deepEqual(found('FROM --platform=$BUILDPLATFORM a'), []);
});

test('the first WORKDIR is absolute', () => {
  assert.deepEqual(found('FROM a\nWORKDIR app'), ['WorkdirRelativePath app']);
  assert.deepEqual(found('FROM a\nWORKDIR /app\nWORKDIR bin'), []);
  assert.deepEqual(found('FROM a AS b\nWORKDIR /x\nFROM b\nWORKDIR y'), []);
  assert.deepEqual(found('ARG D=/d\nFROM a\nARG D\nWORKDIR $D'), []);
});

describe('undefined variables', () => {
  test('are found where a build replaces variables', () => {
    assert.deepEqual(found('FROM a\nCOPY $X /'), ['UndefinedVar X']);
    assert.deepEqual(found('FROM a\nENV A=${X} B=$X'), ['UndefinedVar X', 'UndefinedVar X']);
    assert.deepEqual(found('FROM a\nRUN echo $X\nCMD ["$X"]'), []);
  });

  test('an argument counts once it is declared, in the stage', () => {
    assert.deepEqual(found('FROM a\nARG X\nCOPY $X /'), []);
    assert.deepEqual(found('ARG X=1\nFROM a\nCOPY $X /'), ['UndefinedVar X']);
    assert.deepEqual(found('FROM a AS b\nARG X=1\nFROM b\nCOPY $X /'), []);
    assert.deepEqual(found('FROM a\nARG X=$X'), ['UndefinedVar X']);
  });

  test('a likely slip is corrected', () => {
    const text = 'FROM a\nENV DATA=/d\nWORKDIR $DATE';
    assert.equal(fixed(text, 'UndefinedVar'), 'FROM a\nENV DATA=/d\nWORKDIR $DATA');
  });

  test('the base image may set a variable', () => {
    const facts = { ...plain, env: new Map([['GOPATH', '/go']]) };
    assert.deepEqual(found('FROM a\nWORKDIR $GOPATH', { findImage: () => facts }), []);
  });

  test('about an image that is not known only slips are reported', () => {
    assert.deepEqual(found('FROM a\nWORKDIR $GOPATH', {}), []);
    assert.deepEqual(found('FROM a\nENV DATA=/d\nWORKDIR $DATE', {}), ['UndefinedVar DATE']);
    assert.deepEqual(found('FROM scratch\nCOPY $X /', {}), ['UndefinedVar X']);
  });
});

test('of several CMD, ENTRYPOINT and HEALTHCHECK the earlier ones are marked', () => {
  assert.deepEqual(found('FROM a\nCMD ["x"]\nCMD ["y"]\nFROM a\nCMD ["z"]'), [
    'MultipleInstructionsDisallowed CMD ["x"]',
  ]);
});

test('ENV and LABEL are written with an equals sign', () => {
  assert.deepEqual(found('FROM a\nENV name a b'), ['LegacyKeyValueFormat name a b']);
  assert.equal(fixed('FROM a\nENV name a b', 'LegacyKeyValueFormat'), 'FROM a\nENV name="a b"');
  assert.equal(fixed('FROM a\nLABEL key  v', 'LegacyKeyValueFormat'), 'FROM a\nLABEL key=v');
  assert.equal(only('FROM a\nENV name "a" b', 'LegacyKeyValueFormat').fix, undefined);
});

test('a base image of another platform is told', () => {
  const arm = { findImage: () => ({ ...plain, platform: 'linux/arm64' }) };
  assert.deepEqual(found('FROM a', arm), ['InvalidBaseImagePlatform a']);
  assert.deepEqual(found('FROM --platform=$BUILDPLATFORM a', { ...arm, platform: 'linux/arm64' }), []);
});

test('--platform is neither the default nor a constant', () => {
  const redundant = 'FROM --platform=$TARGETPLATFORM a';
  assert.deepEqual(found(redundant), ['RedundantTargetPlatform --platform=$TARGETPLATFORM']);
  assert.equal(fixed(redundant, 'RedundantTargetPlatform'), 'FROM a');
  assert.deepEqual(found('FROM --platform=linux/arm64 a'), ['FromPlatformFlagConstDisallowed linux/arm64']);
  assert.deepEqual(found('FROM --platform=linux/arm64 a AS build-arm64'), []);
});

test('secrets do not go through ARG and ENV', () => {
  assert.deepEqual(found('FROM a\nARG API_KEY\nENV DB_PASSWORD=x PUBLIC_KEY=y KEYBOARD=z'), [
    'SecretsUsedInArgOrEnv API_KEY',
    'SecretsUsedInArgOrEnv DB_PASSWORD',
  ]);
});

test('FROM names an image without build arguments', () => {
  assert.deepEqual(found('ARG TAG\nFROM a:$TAG'), ['InvalidDefaultArgInFrom a:$TAG']);
  assert.deepEqual(found('ARG TAG=1\nFROM a:$TAG'), []);
});

test('what the ignore file leaves out is not copied', () => {
  const ignoring = (lines: string) => ({ ...known, ignore: createIgnoreMatcher(lines) });
  const text = 'FROM a\nCOPY x/y ./z /\nADD z https://h/z /\nCOPY --from=a z /';
  assert.deepEqual(found(text, ignoring('z')), ['CopyIgnoredFile ./z', 'CopyIgnoredFile z']);
  assert.deepEqual(found(text, ignoring('*\n!z')), []);
  assert.deepEqual(found('FROM a\nCOPY . /', ignoring('*')), ['CopyIgnoredFile .']);
  assert.deepEqual(found('FROM a\nCOPY . /', ignoring('x')), []);
});

test('descriptions name what they describe, when that is asked for', () => {
  const text = '# nothing\nARG x\n# b does it\nFROM a AS b\n';
  assert.deepEqual(found(text), []);
  assert.deepEqual(found(`# check=experimental=all\n${text}`), ['InvalidDefinitionDescription ARG x']);
});

test('EXPOSE has ports of the container with protocols in lower case', () => {
  const text = 'FROM a\nEXPOSE 80/TCP';
  assert.deepEqual(found(text), ['ExposeProtoCasing 80/TCP']);
  assert.equal(fixed(text, 'ExposeProtoCasing'), 'FROM a\nEXPOSE 80/tcp');
  assert.deepEqual(found('FROM a\nEXPOSE 8080:80'), ['ExposeInvalidFormat 8080:80']);
});

describe('configuration', () => {
  const text = 'FROM a as b\ncopy x /\n';

  test('the directive skips rules for the file', () => {
    assert.deepEqual(found(`# check=skip=FromAsCasing\n${text}`), ['ConsistentInstructionCasing copy']);
    assert.deepEqual(found(`# check=skip=all\n${text}`), []);
  });

  test('a comment skips rules for the instruction below it', () => {
    assert.deepEqual(found('FROM a\n# check=skip=UndefinedVar\nCOPY $X /\nCOPY $Y /'), ['UndefinedVar Y']);
  });

  test('error=true makes warnings fail', () => {
    const result = check(`# check=error=true\n${text}`);
    assert.equal(result.error?.code, 'lint-violation');
    assert.match(
      result.error.message,
      /FromAsCasing, ConsistentInstructionCasing|ConsistentInstructionCasing, FromAsCasing/,
    );
    assert.equal(check('# check=error=true\nFROM a\n').error, undefined);
  });

  test('the build argument stands in for the directive', () => {
    const buildArgs = new Map([['BUILDKIT_DOCKERFILE_CHECK', 'skip=ConsistentInstructionCasing']]);
    assert.deepEqual(found(`# check=skip=all\n${text}`, { ...known, buildArgs }), ['FromAsCasing as']);
  });

  test('options that do not exist are refused', () => {
    for (const options of ['skp=all', 'skip', 'error=maybe']) {
      assert.equal(check(`# check=${options}\nFROM a`).error?.code, 'invalid-check-options', options);
    }
  });
});

test('a build reports what it found before its error', () => {
  const result = check('FROM a as b\nARG API_KEY\nBOGUS\nFROM c as d\n');
  assert.equal(result.error?.code, 'unknown-instruction');
  assert.deepEqual(
    warningsBeforeError(result).map(({ rule, line }) => `${rule} ${line}`),
    ['FromAsCasing 0'],
  );
  assert.deepEqual(warningsBeforeError(check('FROM a as b\nENV x')), []);
});

test('each rule has a name of its own, a summary and documentation with an example', () => {
  assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
  assert.equal(rules.length, 22);
  for (const { name, summary, documentation } of rules) {
    assert.ok(summary.length > 20 && documentation.length > 60, name);
  }
});
