// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeActions } from '../../server/language/features/codeActions.ts';
import type { ContextSource, EditorRule } from '../../server/language/lint/editorRule.ts';
import { editorRules, findEditorRule } from '../../server/language/lint/editorRules.ts';
import type { LintFinding } from '../../server/language/lint/inspect.ts';
import { inspected } from './inspected.ts';

function findingsOf(id: string, text: string): readonly LintFinding[] {
  const rule = findEditorRule(id);
  assert.ok(rule, id);
  const alone: EditorRule = { ...rule, sameAs: [] };
  return inspected(text, { rules: [alone] }).findings.filter(({ code }) => code === id);
}

/** The texts that a rule marks. */
const marks = (id: string, text: string): string[] =>
  findingsOf(id, text).map(({ start, end }) => text.slice(start, end));

/** The text with the fixes of a rule. */
function fixed(id: string, text: string): string {
  const changes = findingsOf(id, text).flatMap(({ fix }) => fix?.changes ?? []);
  assert.ok(changes.length > 0, `${id} offers a fix for ${text}`);
  return changes
    .toSorted((left, right) => right.start - left.start)
    .reduce((all, one) => all.slice(0, one.start) + one.text + all.slice(one.end), text);
}

test('every rule tells what it is about', () => {
  for (const { id, summary, documentation } of editorRules) {
    assert.ok(summary.length > 10 && !summary.endsWith('.'), `summary of ${id}`);
    assert.ok(documentation.length > 40, `documentation of ${id}`);
  }
});

test('no rule makes an error of what a build takes', () => {
  assert.deepEqual(
    editorRules.filter(({ severity }) => severity === 'error'),
    [],
  );
});

describe('validations', () => {
  test('InstructionCasing wants upper case, also behind ONBUILD', () => {
    assert.deepEqual(marks('InstructionCasing', 'from a\nRUN x\nONBUILD copy a b'), ['from', 'copy']);
    assert.equal(fixed('InstructionCasing', 'from a'), 'FROM a');
  });

  test('DirectiveCasing wants lower case', () => {
    const text = '# Escape=`\n# syntax=x\nFROM a\n';
    assert.deepEqual(marks('DirectiveCasing', text), ['Escape']);
    assert.equal(fixed('DirectiveCasing', text), '# escape=`\n# syntax=x\nFROM a\n');
  });

  test('JSONInSingleQuotes finds arrays that are none', () => {
    for (const written of ["CMD ['a', 'b']", "VOLUME ['a']", "HEALTHCHECK CMD ['a']", "COPY [ '],',]"]) {
      assert.equal(marks('JSONInSingleQuotes', `FROM a\n${written}`).length, 1, written);
    }
    assert.deepEqual(
      marks('JSONInSingleQuotes', "FROM a\nRUN [ 'a' = 'b' ]\nCMD [\"it's\"]\nRUN ['a' b"),
      [],
    );
    assert.equal(
      fixed('JSONInSingleQuotes', "FROM a\nCMD ['a', 'b \"c\"']"),
      'FROM a\nCMD ["a", "b \\"c\\""]',
    );
  });

  test('DestinationNotDirectory finds several sources for one file', () => {
    const id = 'DestinationNotDirectory';
    assert.deepEqual(marks(id, 'FROM a\nCOPY a b /c'), ['/c']);
    assert.equal(fixed(id, 'FROM a\nADD a b /c'), 'FROM a\nADD a b /c/');
    for (const destination of ['/c/', '.', './', '..', '$X', '${X}']) {
      assert.deepEqual(marks(id, `FROM a\nCOPY a b ${destination}`), [], destination);
    }
    assert.deepEqual(marks(id, 'FROM a\nCOPY a /c'), []);
    assert.equal(marks(id, 'FROM a\nCOPY a <<E /c\nx\nE').length, 1);
  });

  test('HealthcheckDefault finds zeros', () => {
    const text = 'FROM a\nHEALTHCHECK --interval=0s --retries=0 --timeout=1s CMD x';
    assert.deepEqual(marks('HealthcheckDefault', text), ['--interval=0s', '--retries=0']);
    assert.equal(fixed('HealthcheckDefault', text), 'FROM a\nHEALTHCHECK --timeout=1s CMD x');
  });

  test('EmptyFlagValue finds flags that do nothing', () => {
    assert.equal(fixed('EmptyFlagValue', 'FROM a\nCOPY --from= . .'), 'FROM a\nCOPY . .');
    assert.deepEqual(marks('EmptyFlagValue', 'FROM a\nCOPY --from=b . .'), []);
  });

  test('EmptyCommand finds commands without anything', () => {
    assert.deepEqual(marks('EmptyCommand', 'FROM a\nCMD\nENTRYPOINT []'), ['CMD']);
  });

  test('QuotedArgumentName finds quotes in names', () => {
    assert.deepEqual(marks('QuotedArgumentName', `FROM a\nARG 'a=b\nARG c="d"`), ["'a"]);
  });

  test('InvalidTrigger finds what builds from the image refuse', () => {
    assert.deepEqual(marks('InvalidTrigger', 'FROM a\nONBUILD RUNN x\nONBUILD RUN x'), ['RUNN x']);
    assert.equal(marks('InvalidTrigger', 'FROM a\nONBUILD COPY a').length, 1);
  });
});

describe('stages', () => {
  test('MistypedStageName finds a slip', () => {
    const text = 'FROM a AS builder\nFROM b\nCOPY --from=buildr x y';
    assert.deepEqual(marks('MistypedStageName', text), ['buildr']);
    assert.deepEqual(marks('MistypedStageName', text.replace('buildr', 'builder')), []);
  });

  test('UnusedStage finds stages that only a target makes', () => {
    assert.deepEqual(marks('UnusedStage', 'FROM a AS one\nFROM b\nFROM c AS last'), ['one', 'FROM']);
    for (const use of ['FROM one', 'FROM c\nCOPY --from=one x y', 'FROM c\nCOPY --from=0 x y']) {
      assert.deepEqual(marks('UnusedStage', `FROM a AS one\n${use}`), [], use);
    }
    assert.deepEqual(marks('UnusedStage', 'FROM a AS one\nFROM b\nRUN --mount=from=one,target=/x y'), []);
    assert.deepEqual(marks('UnusedStage', 'ARG BASE=one\nFROM a AS one\nFROM $BASE'), []);
  });

  test('ShellInScratch finds commands without their shell', () => {
    assert.deepEqual(marks('ShellInScratch', 'FROM scratch\nCOPY app /app\nCMD /app'), ['CMD']);
    assert.deepEqual(marks('ShellInScratch', 'FROM scratch AS a\nFROM a\nRUN x'), ['RUN']);
    for (const text of [
      'FROM a\nCMD x',
      'FROM scratch\nCMD ["x"]',
      'FROM scratch\nADD rootfs.tar.gz /\nCMD x',
      'FROM scratch\nCOPY --from=a / /\nCMD x',
      'FROM scratch\nCOPY busybox /bin/\nCMD x',
      'FROM scratch\nCOPY app /app\nSHELL ["/app"]\nCMD x',
    ]) {
      assert.deepEqual(marks('ShellInScratch', text), [], text);
    }
  });

  test('CommandWithoutEffect finds a CMD that nothing gets', () => {
    assert.deepEqual(marks('CommandWithoutEffect', 'FROM a\nENTRYPOINT x\nCMD ["y"]'), ['CMD']);
    assert.deepEqual(marks('CommandWithoutEffect', 'FROM a\nENTRYPOINT ["x"]\nCMD ["y"]'), []);
    const base = 'FROM a AS b\nCMD ["y"]\nFROM b\nENTRYPOINT ["x"]';
    assert.deepEqual(marks('CommandWithoutEffect', base), ['ENTRYPOINT']);
    assert.deepEqual(marks('CommandWithoutEffect', `${base}\nCMD ["y"]`), []);
  });

  test('UnknownPlatform finds platforms that nobody has', () => {
    assert.equal(fixed('UnknownPlatform', 'FROM --platform=linux/amd46 a'), 'FROM --platform=linux/amd64 a');
    for (const known of ['linux/arm/v7', 'windows/amd64', '$BUILDPLATFORM', 'linux/$TARGETARCH']) {
      assert.deepEqual(marks('UnknownPlatform', `FROM --platform=${known} a`), [], known);
    }
  });
});

describe('variables', () => {
  test('UnusedArgument finds arguments that nothing mentions', () => {
    assert.deepEqual(marks('UnusedArgument', 'ARG A\nARG B\nFROM x:$B\nARG C\nCOPY a b'), ['A', 'C']);
    for (const text of [
      'FROM x\nARG A\nRUN echo $A',
      "FROM x\nARG A\nRUN sh -c 'echo ${A}'",
      'FROM x\nARG A\nRUN <<"E"\necho $A\nE',
      'FROM x\nARG A=1\nARG B=$A\nENV C=$B',
      'ARG A\nFROM x\nARG A\nLABEL a=$A',
      'FROM x AS b\nARG A\nFROM b\nLABEL a=$A',
      'FROM x\nARG A\nRUN python -c "os.environ[\'A\']"',
      'FROM x\nARG DEBIAN_FRONTEND=noninteractive\nARG TARGETARCH\nARG http_proxy\nRUN x',
    ]) {
      assert.deepEqual(marks('UnusedArgument', text), [], text);
    }
  });

  test('ArgumentOutOfScope finds arguments that are not declared in their stage', () => {
    const id = 'ArgumentOutOfScope';
    const text = 'ARG A=1\nFROM x\nRUN echo $A\n';
    assert.deepEqual(marks(id, text), ['A']);
    assert.equal(fixed(id, text), 'ARG A=1\nFROM x\nARG A\nRUN echo $A\n');
    assert.deepEqual(marks(id, 'FROM x\nRUN echo ${TARGETARCH}'), ['TARGETARCH']);
    assert.deepEqual(marks(id, 'FROM x\nCOPY $A /\nARG A'), ['A']);
    for (const fine of [
      'ARG A=1\nFROM x\nARG A\nRUN echo $A',
      'ARG A=1\nFROM x AS b\nARG A\nFROM b\nRUN echo $A',
      'ARG A=1\nFROM x\nRUN A=2 && echo $A',
      'ARG A=1\nFROM x\nRUN for A in 1 2; do echo $A; done',
      "ARG A=1\nFROM x\nRUN echo '$A' \\$A",
      'ARG A=1\nFROM x\nENV A=2\nRUN echo $A',
      'ARG NODE_VERSION=22\nFROM node:$NODE_VERSION\nRUN echo $NODE_VERSION',
      'ARG A=1\nFROM x\nRUN echo $B',
    ]) {
      assert.deepEqual(marks(id, fine), [], fine);
    }
  });

  test('ArgumentAtRunTime finds arguments in what runs later', () => {
    assert.deepEqual(marks('ArgumentAtRunTime', 'FROM x\nARG PORT\nCMD run $PORT'), ['PORT']);
    assert.deepEqual(marks('ArgumentAtRunTime', 'FROM x\nARG PORT\nENV PORT=$PORT\nCMD run $PORT'), []);
    assert.deepEqual(marks('ArgumentAtRunTime', 'FROM x\nARG PORT\nRUN run $PORT'), []);
  });

  test('MistypedVariable finds slips', () => {
    const text = 'FROM x\nARG VERSION\nRUN echo $VERSOIN';
    assert.equal(fixed('MistypedVariable', text), 'FROM x\nARG VERSION\nRUN echo $VERSION');
    for (const fine of ['$OTHER', '$VERSION2', '$VERSIONS $PERSON', '$version; version=1']) {
      assert.deepEqual(marks('MistypedVariable', `FROM x\nARG VERSION\nRUN echo ${fine}`), [], fine);
    }
  });

  test('VariableInExecForm finds variables that stay as they are', () => {
    assert.deepEqual(marks('VariableInExecForm', 'FROM a\nCMD ["x", "--port=$PORT"]'), ['"--port=$PORT"']);
    assert.deepEqual(marks('VariableInExecForm', 'FROM a\nCMD ["sh", "-c", "x $PORT"]'), []);
    assert.deepEqual(marks('VariableInExecForm', 'FROM a\nCMD ["x", "a$", "$1"]'), []);
  });
});

describe('instructions', () => {
  test('RepeatedKey finds what is said twice', () => {
    assert.deepEqual(marks('RepeatedKey', 'FROM a\nENV A=1 B=2 A=3\nEXPOSE 80 80'), ['A', '80']);
    assert.deepEqual(marks('RepeatedKey', 'FROM a\nENV A=1\nENV A=2\nEXPOSE $A $A'), []);
  });

  test('StopSignal finds signals that no program gets', () => {
    for (const signal of ['SIGKILL', 'KILL', '9', '65', 'SIGSTOP']) {
      assert.deepEqual(marks('StopSignal', `FROM a\nSTOPSIGNAL ${signal}`), [signal]);
    }
    for (const signal of ['SIGTERM', '15', 'SIGRTMIN+3', '$S']) {
      assert.deepEqual(marks('StopSignal', `FROM a\nSTOPSIGNAL ${signal}`), []);
    }
  });

  test('SecretInText finds secrets by their form', () => {
    const key = `AKIA${'ABCDEFGH'.repeat(2)}`;
    assert.deepEqual(marks('SecretInText', `FROM a\nRUN x ${key}`), [key]);
    assert.deepEqual(marks('SecretInText', 'FROM a\nADD https://me:hunter2@host/x /'), [
      'https://me:hunter2@',
    ]);
    assert.deepEqual(
      marks('SecretInText', 'FROM a\nRUN x https://me:$PASS@host/x https://host/a@b git@h:x'),
      [],
    );
  });

  test('InvisibleCharacter finds blanks that are none', () => {
    assert.equal(fixed('InvisibleCharacter', 'FROM a\nRUN x\u00a0y\u200b z'), 'FROM a\nRUN x y z');
  });
});

describe('the build context', () => {
  const there = { exists: true, isInFolder: true, isIgnored: false };
  const of = (id: string, text: string, sources: { [path: string]: ContextSource | undefined }) => {
    const rule = findEditorRule(id);
    assert.ok(rule, id);
    const findSource = (path: string) => sources[path];
    const { findings } = inspected(text, { rules: [rule], findSource });
    return findings.filter(({ code }) => code === id).map(({ start, end }) => text.slice(start, end));
  };

  test('MissingSource finds what is not there', () => {
    const absent = { exists: false, isInFolder: false, isIgnored: false };
    const text = 'FROM a\nCOPY ./x y https://h/z $W . /d/\nCOPY --from=b x /';
    assert.deepEqual(of('MissingSource', text, { x: absent, y: there }), []);
    const known = 'FROM a\nCOPY ./x y /d/\nADD https://h/z z /d/\nCOPY --from=b x /';
    assert.deepEqual(of('MissingSource', known, { x: absent, y: there, z: undefined }), ['./x']);
  });

  test('IgnoredSource finds what is left out', () => {
    const ignored = { ...there, isIgnored: true };
    assert.deepEqual(of('IgnoredSource', 'FROM a\nCOPY x y /d/', { x: ignored, y: there }), ['x']);
  });

  test('LargeContext finds what is copied with everything', () => {
    const text = 'FROM a\nCOPY . .\nCOPY src .';
    assert.deepEqual(of('LargeContext', text, { '.git': there }), ['.']);
    assert.deepEqual(of('LargeContext', text, { '.git': { ...there, isIgnored: true } }), []);
    assert.deepEqual(of('LargeContext', text, { '.git': { ...there, isInFolder: false } }), []);
    assert.deepEqual(of('LargeContext', text, {}), []);
  });

  test('what the ignore file has to say is offered as its lines, and not done with all other fixes', () => {
    const lines = (text: string, sources: { [path: string]: ContextSource }) => {
      const inspection = inspected(text, { findSource: path => sources[path] });
      const whole = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
      assert.deepEqual(codeActions(inspection, whole, ['source.fixAll']), []);
      return codeActions(inspection, whole).flatMap(({ ignoreLines }) => ignoreLines ?? []);
    };
    const text = 'FROM a:1\nCOPY . .\n';
    assert.deepEqual(lines(text, { '.git': there, node_modules: there }), ['.git', 'node_modules']);
    assert.deepEqual(lines('FROM a:1\nCOPY x /\n', { x: { ...there, isIgnored: true } }), ['!x']);
  });
});
