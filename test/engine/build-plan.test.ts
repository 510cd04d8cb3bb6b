import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { planBuild } from '../../server/engine/build/plan.ts';
import type { BaseImage, BuildPlan, PlanInput, PlanNode } from '../../server/engine/build/planTypes.ts';
import type { ImageConfig } from '../../server/engine/image/types.ts';
import { parse } from '../../server/language/index.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function baseImage(config: ImageConfig['config'] = {}): BaseImage {
  return {
    id: `sha256:${'1'.repeat(64)}`,
    config: { ...amd64, config, rootfs: { type: 'layers', diff_ids: [] } },
    chainId: `sha256:${'2'.repeat(64)}`,
  };
}

/** Plans with every base image known; `bases` overrides by the reference. */
function plan(
  text: string,
  options: Partial<PlanInput> & { config?: ImageConfig['config']; args?: Record<string, string> } = {},
): BuildPlan {
  const bases = new Map<string, BaseImage>();
  const input: PlanInput = {
    target: undefined,
    buildArgs: new Map(Object.entries(options.args ?? {})),
    labels: new Map(),
    platform: amd64,
    hostPlatform: amd64,
    network: 'default',
    epochSeconds: undefined,
    ...options,
    bases,
  };
  for (;;) {
    const result = planBuild(parse(text), input);
    if (result.plan) return result.plan;
    assert.ok(result.needs.length > 0);
    for (const need of result.needs) bases.set(need.key, baseImage(options.config));
  }
}

function names(result: BuildPlan): readonly string[] {
  return result.nodes.map(node => node.name);
}

function node<K extends PlanNode['kind']>(result: BuildPlan, kind: K): Extract<PlanNode, { kind: K }> {
  const found = result.nodes.findLast(one => one.kind === kind);
  assert.ok(found);
  return found as Extract<PlanNode, { kind: K }>;
}

function failure(text: string, options: Parameters<typeof plan>[1] = {}) {
  try {
    plan(text, options);
  } catch (error) {
    assert.ok(isSampanError(error), String(error));
    return error;
  }
  return assert.fail('the plan was made');
}

describe('planBuild', () => {
  it('plans only the stages that the target reaches', () => {
    const result = plan(
      'FROM a AS one\nRUN 1\nFROM b AS unused\nRUN 2\nFROM scratch\nCOPY --from=one /x /x\n',
    );
    assert.deepEqual(names(result), [
      '[one 1/2] FROM docker.io/library/a:latest',
      '[one 2/2] RUN 1',
      '[stage-2 1/1] COPY --from=one /x /x',
    ]);
  });

  it('asks for the base images it does not know, all at once', () => {
    const dockerfile = parse('FROM a AS one\nFROM b\nCOPY --from=one /x /\nCOPY --from=c:2 /y /\n');
    const { needs } = planBuild(dockerfile, {
      target: undefined,
      buildArgs: new Map(),
      labels: new Map(),
      platform: amd64,
      hostPlatform: amd64,
      network: 'default',
      bases: new Map(),
      epochSeconds: undefined,
    });
    const references = needs?.map(need => need.reference).sort();
    assert.deepEqual(references, [
      'docker.io/library/a:latest',
      'docker.io/library/b:latest',
      'docker.io/library/c:2',
    ]);
  });

  it('lets a later ARG win over ENV for what follows, and ENV again in a stage on top', () => {
    const first = plan('FROM a AS one\nENV V=env\nARG V=arg\nRUN x\n');
    assert.deepEqual(node(first, 'exec').env, [path, 'V=arg']);
    assert.deepEqual(first.image.config.Env, [path, 'V=env']);
    const second = plan('FROM a AS one\nENV V=env\nARG V=arg\nFROM one\nRUN x\n');
    assert.deepEqual(node(second, 'exec').env, [path, 'V=env']);
  });

  it('sees the old values within one ENV and the new ones within one ARG', () => {
    const { config } = plan('FROM a\nENV A=1\nENV A=2 B=$A\nARG C=3 D=$C\nENV E=$D\n').image;
    assert.deepEqual(config.Env, [path, 'A=2', 'B=1', 'E=3']);
  });

  it('takes a global ARG only where the stage declares it', () => {
    const { config } = plan('ARG G=1\nFROM a\nENV A=[$G]\nARG G\nENV B=[$G]\n').image;
    assert.deepEqual(config.Env, [path, 'A=[]', 'B=[1]']);
  });

  it('keeps proxy arguments out of the environment that is keyed', () => {
    const exec = node(plan('FROM a\nRUN x\n', { args: { http_proxy: 'p' } }), 'exec');
    assert.deepEqual(exec.env, [path]);
    assert.deepEqual(exec.proxyEnv, ['HTTP_PROXY=p', 'http_proxy=p']);
  });

  it('drops the Cmd of the base with a new ENTRYPOINT, but not one of the same stage', () => {
    const config = { Cmd: ['base'] };
    assert.equal(plan('FROM a\nENTRYPOINT ["e"]\n', { config }).image.config.Cmd, undefined);
    const kept = plan('FROM a\nCMD ["c"]\nENTRYPOINT ["e"]\n', { config }).image.config;
    assert.deepEqual(kept.Cmd, ['c']);
  });

  it('runs the triggers of the base right after FROM, on the line of FROM', () => {
    const result = plan('FROM a\nRUN mine\n', { config: { OnBuild: ['RUN theirs', 'ENV A=1'] } });
    assert.deepEqual(names(result).slice(1), ['[2/3] RUN theirs', '[3/3] RUN mine']);
    assert.deepEqual(result.nodes[1]?.lines, { line: 1, endLine: 1 });
    assert.equal(result.image.config.OnBuild, undefined);
    assert.deepEqual(result.image.config.Env, [path, 'A=1']);
  });

  it('writes history as BuildKit does', () => {
    const text =
      'FROM a\nARG A=1\nRUN true\nCMD ["x", "y \\"z"]\nEXPOSE 80 53/udp\nWORKDIR /w\nHEALTHCHECK --interval=90s CMD true\n' +
      'COPY --chown=1 --link f d/\nLABEL a=b\nVOLUME /v\nUSER u\nSTOPSIGNAL SIGINT\nSHELL ["/s"]\nONBUILD RUN x\n';
    const { history } = plan(text).image;
    assert.deepEqual(
      history.map(entry => entry.createdBy),
      [
        'ARG A=1',
        'RUN |1 A=1 /bin/sh -c true # buildkit',
        'CMD ["x" "y \\"z"]',
        'EXPOSE [53/udp 80/tcp]',
        'WORKDIR /w',
        'HEALTHCHECK {Test:[CMD-SHELL true] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}',
        'COPY --chown=1 f d/ # buildkit',
        'LABEL a=b',
        'VOLUME [/v]',
        'USER u',
        'STOPSIGNAL SIGINT',
        'SHELL [/s]',
      ],
    );
    assert.deepEqual(
      history.map(entry => entry.node !== undefined),
      [false, true, false, false, true, false, true, false, false, false, false, false],
    );
  });

  it('hands a lone heredoc to the shell, one with #! as a file, others as written', () => {
    const lone = node(plan('FROM a\nRUN <<EOF\necho $X\nEOF\n'), 'exec');
    assert.deepEqual(lone.args, ['/bin/sh', '-c', 'echo $X\n']);
    const script = node(plan('FROM a\nRUN <<-EOF\n\t#!/bin/awk -f\n\tx\nEOF\n'), 'exec');
    assert.deepEqual(script.args, ['/bin/sh', '-c', '\t#!/bin/awk -f\n\tx\n'.replace(/^\t/gm, '')]);
    const file = node(plan('FROM a\nRUN <<EOF\n#!/bin/awk -f\nx\nEOF\n'), 'exec');
    assert.deepEqual(file.args, ['/bin/sh', '-c', '/dev/pipes/EOF']);
    assert.deepEqual(file.scripts, [{ name: 'EOF', content: '#!/bin/awk -f\nx\n' }]);
    const piped = node(plan('FROM a\nRUN cat <<EOF > /x\ny\nEOF\n'), 'exec');
    assert.deepEqual(piped.args, ['/bin/sh', '-c', 'cat <<EOF > /x\ny\nEOF']);
  });

  it('puts the line into every error', () => {
    for (const [text, line] of [
      ['FROM a\nEXPOSE 90-80\n', 2],
      ['FROM a\n\nSTOPSIGNAL SIGNOPE\n', 3],
      ['FROM a\nENV A=$' + '{B:?no}\n', 2],
      ['FROM $X\n', 1],
      ['FROM a AS one\nCOPY --from=one /x /y\n', 2],
      ['FROM a\nCOPY --chmod=999 x /y\n', 2],
      ['FROM a\nCOPY http://x/y /z\n', 2],
      ['FROM a\nRUN --security=insecure x\n', 2],
    ] as const) {
      assert.equal(failure(text).detail.line, line, text);
    }
  });

  it('finds a target by name in any case, never by number', () => {
    const text = 'FROM a AS One\nRUN 1\nFROM a\nRUN 2\n';
    assert.equal(node(plan(text, { target: 'ONE' }), 'exec').args.at(-1), '1');
    assert.match(failure(text, { target: '0' }).hint ?? '', /one/);
  });
});
