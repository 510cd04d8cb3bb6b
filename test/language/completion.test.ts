// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CompletionContext,
  completion,
  resolveCompletion,
} from '../../server/language/features/completion.ts';
import type { FeatureSources, LocalImage } from '../../server/language/features/sources.ts';
import type { CompletionItem, CompletionList } from '../../server/language/features/types.ts';
import { applyEdits, marked } from './marked.ts';

interface Options {
  readonly sources?: FeatureSources;
  readonly context?: CompletionContext;
}

function list(written: string, options: Options = {}): CompletionList {
  const { result, position } = marked(written);
  return completion(result, position, options);
}

const labels = (written: string, options?: Options): string[] =>
  list(written, options).items.map(({ label }) => label);

function find(written: string, label: string, options?: Options): CompletionItem {
  const item = list(written, options).items.find(one => one.label === label);
  assert.ok(item, `${label} is not offered in ${JSON.stringify(written)}`);
  return item;
}

/** The text after a proposal is taken. */
function accept(written: string, label: string, options?: Options): string {
  return applyEdits(marked(written).text, [find(written, label, options).textEdit]);
}

function includes(written: string, expected: readonly string[], options?: Options): void {
  const offered = labels(written, options);
  for (const one of expected) assert.ok(offered.includes(one), `${one} is not among ${offered.join(' ')}`);
}

function localImage(name: string, more: Partial<LocalImage> = {}): LocalImage {
  return {
    names: [name],
    digests: [],
    id: `sha256:${'1'.repeat(64)}`,
    platform: 'linux/amd64',
    size: 1,
    createdAt: '2026-01-01T00:00:00Z',
    env: [],
    user: undefined,
    workdir: undefined,
    ports: [],
    hasShell: false,
    onbuild: [],
    ...more,
  };
}

describe('instructions', () => {
  test('are offered in the case that the file has', () => {
    includes('|', ['FROM']);
    assert.equal(accept('FROM a\nWO|', 'WORKDIR'), 'FROM a\nWORKDIR ');
    assert.equal(accept('from a\nwo|', 'workdir'), 'from a\nworkdir ');
    assert.equal(accept('FROM a\n  CO| b c', 'COPY'), 'FROM a\n  COPY  b c');
  });

  test('stand before what is there already, and go on over lines', () => {
    assert.equal(accept('|FROM a', 'ARG'), 'ARG FROM a');
    assert.equal(accept('|# comment\nFROM a', 'ARG'), 'ARG # comment\nFROM a');
    assert.equal(accept('FROM a\nWO\\\nR|', 'WORKDIR'), 'FROM a\nWORKDIR ');
    includes('FROM a\nCOPY\\\n |', ['--from']);
  });

  test('come with snippets of whole ones', () => {
    const item = find('|', 'RUN with a cache');
    assert.equal(item.insertTextFormat, 2);
    assert.ok(item.textEdit.newText.startsWith('RUN --mount=type=cache,target=${1'));
    assert.equal(find('from a\n|', 'CMD ["program"]').textEdit.newText, 'cmd ["${1:program}"]');
  });

  test('begin with FROM in a file that has none', () => {
    const first = [...list('|').items].sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1))[0];
    assert.equal(first?.label, 'FROM');
  });

  test('behind ONBUILD are only those that may stand there', () => {
    includes('FROM a\nONBUILD |', ['COPY', 'RUN with a cache']);
    const offered = list('FROM a\nONBUILD |').items.map(({ textEdit }) => textEdit.newText);
    for (const name of ['FROM', 'ONBUILD', 'MAINTAINER'])
      assert.ok(!offered.some(text => text.startsWith(`${name} `)), name);
    includes('FROM a\nONBUILD COPY --|', ['--from']);
    includes('FROM a\nONBUILD STOPSIGNAL |', ['SIGTERM']);
  });

  test('go on behind a continuation, and are not offered in scripts and comments', () => {
    assert.deepEqual(labels('FROM a\nRUN b \\\n|'), []);
    assert.deepEqual(labels('FROM a\nRUN b \\\n# |\nc'), []);
    includes('FROM a\n\\\n|', ['RUN']);
    assert.ok(!labels('FROM a\nRUN <<E\n|\nE\n').includes('RUN'));
  });

  test('are described when the editor asks', () => {
    const described = resolveCompletion(find('|', 'WORKDIR'));
    assert.match(described.documentation?.value ?? '', /Working directory/);
    assert.match(
      resolveCompletion(find('|', 'RUN with ssh')).documentation?.value ?? '',
      /RUN --mount=type=ssh git/,
    );
    assert.match(
      resolveCompletion(find('FROM a\nCOPY --|', '--link')).documentation?.value ?? '',
      /layer of its own/,
    );
    assert.match(
      resolveCompletion(find('FROM a\nRUN --mount=type=|', 'ssh')).documentation?.value ?? '',
      /ssh agent/,
    );
    assert.match(
      resolveCompletion(find('FROM a\nRUN --mount=|', 'target')).documentation?.value ?? '',
      /Path/,
    );
    assert.match(resolveCompletion(find('# |', 'escape')).documentation?.value ?? '', /continues lines/);
    assert.match(resolveCompletion(find('# check=skip=|', 'UndefinedVar')).documentation?.value ?? '', /\S/);
    const plain = find('FROM a\nSTOPSIGNAL |', 'SIGINT');
    assert.equal(resolveCompletion(plain), plain);
  });
});

describe('flags', () => {
  test('are those of the instruction that are not there yet', () => {
    assert.deepEqual(labels('FROM a\nCOPY --from=b --|').sort(), [
      '--chmod',
      '--chown',
      '--exclude',
      '--link',
      '--parents',
    ]);
    assert.deepEqual(labels('FROM a\nRUN --mount=type=ssh -|').sort(), [
      '--device',
      '--mount',
      '--network',
      '--security',
    ]);
    assert.deepEqual(labels('FROM a\nUSER --|'), []);
    assert.equal(accept('FROM a\nCOPY --li| b c', '--link'), 'FROM a\nCOPY --link b c');
    includes('FROM a\nADD --|', ['--checksum']);
    assert.deepEqual(labels('FROM a\nRUN echo --|'), []);
  });

  test('have values', () => {
    assert.deepEqual(labels('FROM a\nRUN --network=|'), ['default', 'none', 'host']);
    includes('FROM --platform=|', ['$BUILDPLATFORM', 'linux/arm64']);
    assert.deepEqual(labels('FROM a\nRUN --security=|'), ['sandbox', 'insecure']);
    assert.deepEqual(labels('FROM a\nCOPY --link=|'), ['true', 'false']);
    assert.deepEqual(labels('FROM a\nADD --checksum=|'), ['sha256:']);
    includes('FROM a\nCOPY --chmod=|', ['755']);
    includes('FROM a\nHEALTHCHECK --interval=| CMD x', ['30s']);
    assert.equal(accept('FROM a\nRUN --network=n| x', 'none'), 'FROM a\nRUN --network=none x');
    assert.deepEqual(labels('FROM a\nUSER --network=|'), []);
  });

  test('ask again where a value is to be chosen', () => {
    assert.equal(find('FROM a\nCOPY --|', '--from').command?.command, 'editor.action.triggerSuggest');
    assert.equal(find('FROM a\nCOPY --|', '--link').command, undefined);
  });
});

describe('mounts', () => {
  test('have keys by their type', () => {
    assert.deepEqual(labels('FROM a\nRUN --mount=type=|'), ['bind', 'cache', 'tmpfs', 'secret', 'ssh']);
    const cache = labels('FROM a\nRUN --mount=type=cache,target=/x,|');
    assert.ok(cache.includes('sharing') && !cache.includes('target') && !cache.includes('size'));
    includes('FROM a\nRUN --mount=type=secret,|', ['id', 'env', 'required', 'mode', 'uid', 'gid', 'target']);
    includes('FROM a\nRUN --mount=type=tmpfs,|', ['size']);
    includes('FROM a\nRUN --mount=type=bind,|', ['from', 'source', 'readwrite']);
    assert.equal(
      accept('FROM a\nRUN --mount=type=cache,ta|,ro x', 'target'),
      'FROM a\nRUN --mount=type=cache,target=,ro x',
    );
  });

  test('have values for each key', () => {
    assert.deepEqual(labels('FROM a\nRUN --mount=type=cache,sharing=|'), ['shared', 'private', 'locked']);
    assert.deepEqual(labels('FROM a\nRUN --mount=type=secret,required=|'), ['true', 'false']);
    assert.deepEqual(labels('FROM a\nRUN --mount=type=bind,ro=|'), ['true', 'false']);
    includes('FROM a\nRUN --mount=type=cache,target=|', ['/var/cache/apt', '/root/.npm']);
    includes('FROM a\nRUN --mount=type=tmpfs,size=|', ['64m']);
    includes('FROM a\nRUN --mount=type=secret,mode=|', ['0400']);
    includes('FROM a\nRUN --mount=type=cache,uid=|', ['1000']);
    includes('FROM x AS one\nFROM a\nRUN --mount=from=|', ['one']);
    assert.deepEqual(labels('FROM a\nRUN --mount=type=ssh,id=|'), ['default']);
  });

  test('offer ids that the file has', () => {
    const text = 'FROM a\nRUN --mount=type=secret,id=my-token x\nRUN --mount=type=secret,';
    includes(`${text}id=|`, ['my-token']);
    includes(`${text}id=my-token,env=|`, ['MY_TOKEN']);
    includes(`${text}id=my-token,target=|`, ['/run/secrets/my-token']);
  });
});

describe('stages and images', () => {
  const images = () => [localImage('busybox:1'), localImage('host:5000/team/app:2')];
  const sources = { images };

  test('are offered behind FROM and --from', () => {
    const text = 'FROM x AS one\nFROM x AS two\nFROM |\nFROM x AS later';
    assert.deepEqual(labels(text, { sources }).slice(0, 5), [
      'one',
      'two',
      'busybox:1',
      'host:5000/team/app:2',
      'scratch',
    ]);
    includes('FROM |', ['alpine', 'debian', 'golang', '--platform']);
    assert.ok(!labels('FROM |', { sources }).includes('busybox'), 'what is here is not offered twice');
    assert.deepEqual(labels('FROM x AS one\nFROM x AS two\nCOPY --from=|'), ['one']);
    assert.deepEqual(labels('FROM x\nFROM y\nCOPY --from=|'), ['0']);
    assert.deepEqual(labels('FROM x AS one\nFROM y\nRUN --mount=from=| z'), ['one']);
    assert.deepEqual(labels('FROM x |'), ['AS']);
    assert.deepEqual(labels('FROM x AS |'), []);
  });

  test('have tags from the store and the registry', () => {
    const asked: string[] = [];
    const tags = (repository: string) => {
      asked.push(repository);
      return ['1', 'latest', '1.2', '1.10', 'edge'];
    };
    const offered = labels('FROM busybox:|', { sources: { images, tags } });
    assert.deepEqual(offered, ['1', 'latest', '1.10', '1.2', 'edge']);
    assert.deepEqual(asked, ['busybox']);
    assert.equal(accept('FROM host:5000/team/app:|', '2', { sources }), 'FROM host:5000/team/app:2');
    assert.equal(accept('FROM busybox:l| AS x', 'latest', { sources: { tags } }), 'FROM busybox:latest AS x');
  });

  test('are incomplete while the registry is asked', () => {
    const waiting = list('FROM busybox:|', { sources: { images, tags: () => 'pending' } });
    assert.equal(waiting.isIncomplete, true);
    assert.deepEqual(
      waiting.items.map(({ label }) => label),
      ['1'],
    );
    assert.equal(list('FROM |', { sources: { images, tags: () => 'pending' } }).isIncomplete, false);
  });

  test('have digests that are known', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const known = { images: () => [localImage('busybox:1', { digests: [`busybox@${digest}`] })] };
    assert.deepEqual(labels('FROM busybox@|', { sources: known }), [digest]);
  });
});

describe('paths of the context', () => {
  const files: { readonly [folder: string]: readonly string[] } = {
    '': ['README.md', 'src/', '.git/', 'my file'],
    src: ['main.go', 'lib/'],
  };
  const folder = (path: string) =>
    files[path]?.map(name => ({
      name: name.replace(/\/$/, ''),
      isFolder: name.endsWith('/'),
      isIgnored: name === '.git/',
    }));
  const options = { sources: { folder } };

  test('are offered without those that are ignored', () => {
    assert.deepEqual(labels('FROM a\nCOPY .|', options), ['README.md', 'src/', 'my file']);
    assert.equal(accept('FROM a\nCOPY R| /', 'README.md', options), 'FROM a\nCOPY README.md /');
    assert.equal(accept('FROM a\nADD src/m| /', 'main.go', options), 'FROM a\nADD src/main.go /');
    assert.equal(accept('FROM a\nCOPY ./src/| /', 'lib/', options), 'FROM a\nCOPY ./src/lib/ /');
    assert.equal(accept('FROM a\nCOPY |', 'my file', options), 'FROM a\nCOPY my\\ file');
  });

  test('go on in variables, JSON, mounts and flags', () => {
    assert.equal(
      accept('FROM a\nARG D=src\nCOPY $D/m|', 'main.go', options),
      'FROM a\nARG D=src\nCOPY $D/main.go',
    );
    assert.equal(
      accept('FROM a\nCOPY ["src/m|", "/x"]', 'main.go', options),
      'FROM a\nCOPY ["src/main.go", "/x"]',
    );
    includes('FROM a\nRUN --mount=type=bind,source=|', ['src/'], options);
    includes('FROM a\nCOPY --exclude=src/|', ['main.go'], options);
  });

  test('are not offered for what comes from elsewhere', () => {
    assert.ok(!labels('FROM a\nCOPY --from=b |', options).includes('src/'));
    assert.ok(!labels('FROM a\nRUN --mount=type=bind,from=b,source=|', options).includes('src/'));
    assert.deepEqual(labels('FROM a\nADD https://x/|', options), []);
    assert.deepEqual(labels('FROM a\nCOPY src/*/|', options), []);
  });

  test('are incomplete while a folder is read', () => {
    assert.equal(list('FROM a\nCOPY |', { sources: { folder: () => 'pending' } }).isIncomplete, true);
  });
});

test('variables that the instruction sees, with their values', () => {
  const offered = labels('ARG G=1\nFROM a\nENV A=1\nARG B\nRUN echo $|\nENV C=1');
  assert.ok(offered.includes('A') && offered.includes('B') && offered.includes('HTTP_PROXY'));
  assert.ok(!offered.includes('C') && !offered.includes('G'));
  includes('ARG G=1\nFROM a:$|', ['G']);
  assert.equal(find('FROM a\nENV A=x\nRUN $|', 'A').detail, 'ENV = x');
  assert.equal(accept('FROM a\nENV A=1\nWORKDIR /${|', 'A'), 'FROM a\nENV A=1\nWORKDIR /${A}');
  assert.equal(accept('FROM a\nENV A=1\nWORKDIR /${|}', 'A'), 'FROM a\nENV A=1\nWORKDIR /${A}');
  assert.equal(accept('FROM a\nENV AB=1\nWORKDIR "$A|/x"', 'AB'), 'FROM a\nENV AB=1\nWORKDIR "$AB/x"');
  includes('FROM a\nENV A=1\nRUN <<E\necho $|\nE\n', ['A']);
  includes('FROM a\nENV A=1\nONBUILD RUN $|', ['A']);
});

describe('users', () => {
  test('are those that the stage makes, the image has, and every image has', () => {
    const text = 'FROM node:22\nRUN groupadd -r web && useradd -r -g web app\nUSER ';
    assert.deepEqual(labels(`${text}|`).slice(0, 4), ['app', 'node', 'root', 'nobody']);
    assert.equal(accept(`${text}app:|`, 'web'), `${text}app:web`);
    includes('FROM a\nRUN adduser -D -u 1000 worker\nCOPY --chown=| x y', ['worker']);
    includes('FROM a\nUSER app\nUSER |', ['app']);
    includes('FROM a\nRUN <<E\nuseradd bob\nE\nUSER |', ['bob']);
  });

  test('come from the config of a local image', () => {
    const sources = { images: () => [localImage('team/app:1', { user: 'svc' })] };
    includes('FROM team/app:1\nUSER |', ['svc'], { sources });
  });

  test('and groups are those that the files of a local image list, people first', () => {
    const accounts = {
      users: [
        { name: 'root', id: 0 },
        { name: 'www-data', id: 33 },
        { name: 'me', id: 1000 },
      ],
      groups: [{ name: 'staff', id: 50 }],
    };
    const sources = { images: () => [localImage('node:22')], accounts: () => accounts };
    assert.deepEqual(labels('ARG N=22\nFROM node:$N AS a\nFROM a\nUSER |', { sources }).slice(0, 4), [
      'me',
      'root',
      'www-data',
      '1000',
    ]);
    assert.equal(find('FROM node:22\nUSER |', 'me', { sources }).detail, 'uid 1000 of the base image');
    assert.deepEqual(labels('FROM node:22\nRUN adduser -D app\nUSER me:|', { sources }), ['app', 'staff']);
    const pending = { ...sources, accounts: () => 'pending' as const };
    assert.ok(list('FROM node:22\nUSER |', { sources: pending }).isIncomplete);
    includes('FROM node:22\nUSER |', ['node'], { sources: pending });
  });

  test('are made by the first word that is no flag, also a variable, in stages below and those copied from', () => {
    const first = (text: string) => labels(`${text}\nUSER |`)[0];
    assert.equal(first('FROM a\nRUN useradd --uid 5 app -g users'), 'app');
    assert.equal(first('FROM a\nRUN adduser -u 5 -G web -D app'), 'app');
    assert.equal(first('FROM a\nARG NAME=app\nRUN useradd -m "$NAME-x" && useradd $OTHER'), 'app-x');
    assert.equal(first('FROM a\nRUN ["useradd", "app"]'), 'app');
    assert.equal(first('FROM a AS one\nRUN useradd app\nFROM one'), 'app');
    assert.equal(first('FROM a AS one\nRUN useradd app\nFROM b'), 'root');
    assert.equal(first('FROM a AS one\nRUN useradd app\nFROM b\nCOPY --from=one /etc/passwd /etc/'), 'app');
  });
});

describe('words of other instructions', () => {
  test('signals, ports, shells, folders', () => {
    includes('FROM a\nSTOPSIGNAL |', ['SIGTERM']);
    includes('FROM a\nEXPOSE |', ['80', '5432', '53/udp']);
    assert.deepEqual(labels('FROM a\nEXPOSE 80/|'), ['tcp', 'udp', 'sctp']);
    assert.match(
      accept('FROM a\nSHELL  |\nUSER b', '["/bin/sh", "-ec"]'),
      /^SHELL {2}\["\/bin\/sh", "-ec"\]$/m,
    );
    includes('FROM a\nWORKDIR /src\nFROM b\nWORKDIR |', ['/src', '/app']);
    includes('FROM a\nWORKDIR /w\nCOPY a |', ['/w/']);
    includes('FROM a\nWORKDIR /w\nVOLUME |', ['/w']);
  });

  test('healthchecks', () => {
    assert.deepEqual(labels('FROM a\nHEALTHCHECK |').slice(0, 3), ['CMD', 'NONE', '--interval']);
    assert.deepEqual(labels('FROM a\nHEALTHCHECK C|'), ['CMD', 'NONE']);
    includes('FROM a\nHEALTHCHECK CMD |', ['["program"]']);
  });

  test('keys of labels that are not there yet', () => {
    const key = 'org.opencontainers.image.source';
    assert.equal(accept('FROM a\nLABEL org|', key), `FROM a\nLABEL ${key}="$1"`);
    assert.equal(accept('FROM a\nLABEL or|=x', key), `FROM a\nLABEL ${key}=x`);
    assert.ok(!labels(`FROM a\nLABEL ${key}=x |`).includes(key));
    assert.deepEqual(labels('FROM a\nLABEL a=|'), []);
  });

  test('arguments that a stage can take over', () => {
    assert.equal(find('ARG V=1\nFROM a\nARG |', 'V').detail, 'global argument = 1');
    includes('FROM a\nARG |', ['TARGETARCH']);
    assert.deepEqual(labels('ARG |\nFROM a'), []);
  });
});

describe('commands', () => {
  test('begin with what the shell has', () => {
    includes('FROM a\nRUN |', ['set', 'apk add --no-cache package', '--mount']);
    includes('FROM a\nRUN x && e|', ['exec', 'export']);
    includes('FROM a\nRUN x \\\n && |', ['cd']);
    includes('FROM a\nRUN if x; then |', ['echo']);
    assert.deepEqual(labels('FROM a\nRUN echo |'), []);
    assert.deepEqual(labels('FROM a\nRUN ./e|'), []);
    assert.deepEqual(labels('FROM a\nRUN ["e|"]'), []);
    includes('FROM a\nCMD |', ['["program"]', 'exec']);
    assert.ok(
      !labels('FROM a\nCMD |').some(label => label.startsWith('apk add')),
      'nobody builds in a container',
    );
  });

  test('are not pressed on who types blanks', () => {
    assert.deepEqual(labels('FROM a\nRUN x && |', { context: { trigger: ' ' } }), []);
    includes('FROM a\nRUN |', ['--mount'], { context: { trigger: ' ' } });
  });

  test('go on in heredocs that a shell runs', () => {
    includes('FROM a\nRUN <<E\ne|\nE\n', ['exec']);
    assert.deepEqual(labels('FROM a\nRUN <<E\n#!/usr/bin/env python3\ne|\nE\n'), []);
    includes('FROM a\nRUN <<E\n#!/bin/bash\ne|\nE\n', ['exec']);
    assert.deepEqual(labels('FROM a\nCOPY <<E /x\ne|\nE\n'), []);
    assert.deepEqual(labels('FROM a\nRUN python3 <<E\ne|\nE\n'), []);
  });

  test('the end of a heredoc is offered while it is missing', () => {
    assert.equal(accept('FROM a\nCOPY <<EOF /x\ntext\n|', 'EOF'), 'FROM a\nCOPY <<EOF /x\ntext\nEOF');
    assert.deepEqual(labels('FROM a\nCOPY <<EOF /x\n|\nEOF\n'), []);
  });
});

test('directives at the top, names of checks in any comment', () => {
  assert.deepEqual(labels('# |\nFROM a'), ['syntax', 'escape', 'check']);
  includes('# syntax=|\nFROM a', ['docker/dockerfile:1']);
  includes('FROM a\n# check=skip=UndefinedVar,|\nRUN b', ['FromAsCasing']);
  assert.deepEqual(labels('FROM a\n# |\nRUN b'), []);
});

test('names of rules that hadolint is told to ignore', () => {
  includes('FROM a\n# hadolint ignore=|\nRUN b', ['DL3008']);
  includes('# hadolint global ignore=DL3008, |\nFROM a', ['DL3009']);
  const item = find('FROM a\n# hadolint ignore=DL30|\nRUN b', 'DL3008');
  assert.match(resolveCompletion(item).documentation?.value ?? '', /version/);
  assert.equal(
    accept('FROM a\n# hadolint ignore=DL30|\nRUN b', 'DL3008'),
    'FROM a\n# hadolint ignore=DL3008\nRUN b',
  );
});

test('line ends of Windows, a byte order mark and the other escape character change nothing', () => {
  includes('\uFEFFFROM a\r\nCOPY --|\r\n', ['--link']);
  includes('# escape=`\r\nFROM a\r\nRUN x `\r\n && |', ['cd']);
  includes('# escape=`\r\nFROM a\r\nCOPY `\r\n--|', ['--link']);
});
