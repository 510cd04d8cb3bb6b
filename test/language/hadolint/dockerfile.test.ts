// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import { testRules } from './cases.ts';

testRules({
  DL1001: {
    marked: [
      'FROM a:1\n»# hadolint ignore=DL3002«\nUSER root',
      '»#hadolint ignore = DL3002 , SC2086 # needed«\nFROM a:1',
    ],
    unmarked: [
      '# hadolint global ignore=DL3002\nFROM a:1',
      '# hadolint shell=bash\nFROM a:1',
      '# hadolint ignore=this\nFROM a:1',
      'FROM a:1\nRUN x \\\n# hadolint ignore=DL3002\n y',
    ],
  },
  DL3000: {
    marked: [
      'FROM a:1\nWORKDIR »app«',
      'FROM a:1\nWORKDIR »"app"«',
      'WORKDIR »./x«',
      'FROM a:1\nWORKDIR »-«',
    ],
    unmarked: [
      'FROM a:1\nWORKDIR /app',
      'FROM a:1\nWORKDIR "/app"',
      'FROM a:1\nWORKDIR $HOME/x',
      'FROM a:1\nWORKDIR c:\\app',
      'FROM a:1\nONBUILD WORKDIR app',
    ],
    fixed: [
      ['FROM a:1\nWORKDIR /srv/\nWORKDIR app', 'FROM a:1\nWORKDIR /srv/\nWORKDIR /srv/app'],
      [
        'FROM a:1\nWORKDIR /a\nWORKDIR b\nWORKDIR /c\nWORKDIR d',
        'FROM a:1\nWORKDIR /a\nWORKDIR /a/b\nWORKDIR /c\nWORKDIR /c/d',
      ],
    ],
    unfixed: [
      'FROM a:1\nWORKDIR app',
      'FROM a:1\nWORKDIR $X\nWORKDIR app',
      'FROM a:1\nWORKDIR /x\nWORKDIR ../app',
    ],
  },
  DL3002: {
    marked: [
      'FROM a:1\nUSER »root«',
      'FROM a:1\nUSER »0:0«',
      'FROM a:1\nUSER me\nUSER »root:me«',
      'FROM a:1\nUSER root\nUSER »0«\nRUN x',
      'FROM a:1\nUSER »root«\nFROM b:1\nUSER me',
    ],
    unmarked: [
      'FROM a:1\nUSER root\nUSER me',
      'FROM a:1\nRUN x',
      'FROM a:1\nUSER rooty',
      'FROM a:1\nUSER 01',
      'FROM a:1\nONBUILD USER root',
      'USER root',
    ],
  },
  DL3006: {
    marked: [
      'FROM »debian«',
      'FROM »a.com/team/app« AS x',
      'FROM »localhost:5000/app«',
      'FROM debian:1 AS b\nFROM »c«',
    ],
    unmarked: [
      'FROM debian:12',
      'FROM scratch',
      'FROM $BASE',
      'FROM ${BASE:-debian}',
      'FROM debian@sha256:0123',
      'FROM a.com:5000/app:1',
      'FROM debian:12 AS Base\nFROM base',
    ],
  },
  DL3007: {
    marked: ['FROM »debian:latest«', 'FROM --platform=linux/arm64 »a.com:5000/app:latest« AS x'],
    unmarked: ['FROM debian:12', 'FROM debian', 'FROM debian:latest@sha256:0123', 'FROM debian:latest-slim'],
  },
  DL3011: {
    marked: [
      'FROM a:1\nEXPOSE »65536«',
      'FROM a:1\nEXPOSE 80 »1-70000/udp«',
      'FROM a:1\nEXPOSE »99999-3/tcp«',
    ],
    unmarked: ['FROM a:1\nEXPOSE 65535 0', 'FROM a:1\nEXPOSE $PORT', 'FROM a:1\nEXPOSE 8000-8100/tcp'],
  },
  DL3012: {
    marked: ['FROM a:1\nHEALTHCHECK CMD x\n»HEALTHCHECK« NONE\n»HEALTHCHECK« CMD y'],
    unmarked: ['FROM a:1\nHEALTHCHECK CMD x\nFROM b:1\nHEALTHCHECK CMD y'],
  },
  DL3020: {
    marked: [
      'FROM a:1\n»ADD« x /y/',
      'FROM a:1\n»ADD« a.tar b /y/',
      'FROM a:1\n»ADD« --chown=1:1 ["x y", "/z"]',
      'FROM a:1\n»ADD« git@example.com:x/y.git /y',
    ],
    unmarked: [
      'FROM a:1\nADD a.tar.gz /y/',
      'FROM a:1\nADD "a.tar.xz" /y/',
      'FROM a:1\nADD https://example.com/x /y',
      'FROM a:1\nADD <<E /y\nx\nE',
      'FROM a:1\nONBUILD ADD x /y',
    ],
    fixed: [
      ['FROM a:1\nADD --chown=1:1 x y /z/', 'FROM a:1\nCOPY --chown=1:1 x y /z/'],
      ['from a:1\nadd ["x y", "/z"]', 'from a:1\ncopy ["x y", "/z"]'],
    ],
    unfixed: [
      'FROM a:1\nADD a.tar b /y/',
      'FROM a:1\nADD *.x /y/',
      'FROM a:1\nADD --unpack=true x /y',
      'FROM a:1\nADD git@example.com:x/y.git /y',
    ],
  },
  DL3021: {
    marked: [
      'FROM a:1\nCOPY x y »/z«',
      'FROM a:1\nCOPY ["x", "y", »"z"«]',
      'FROM a:1\nCOPY x <<E »/z«\na\nE',
    ],
    unmarked: [
      'FROM a:1\nCOPY x y /z/',
      'FROM a:1\nCOPY x z',
      'FROM a:1\nCOPY ["x", "y", "z/"]',
      'FROM a:1\nCOPY x y "z/"',
    ],
    fixed: [
      ['FROM a:1\nCOPY x y /z', 'FROM a:1\nCOPY x y /z/'],
      ['FROM a:1\nCOPY x y .', 'FROM a:1\nCOPY x y ./'],
      ['FROM a:1\nCOPY ["x", "y", "z"]', 'FROM a:1\nCOPY ["x", "y", "z/"]'],
      ['FROM a:1\nCOPY x y "/z"', 'FROM a:1\nCOPY x y "/z/"'],
    ],
  },
  DL3022: {
    marked: [
      'FROM a:1\nCOPY --from=»build« x y',
      'FROM a:1\nCOPY --from=»later« x y\nFROM b:1 AS later',
      'FROM a:1\nFROM b:1\nCOPY --from=»2« x y',
      'FROM a:1\nCOPY --from=»a.com/tool« x y',
    ],
    unmarked: [
      'FROM a:1 AS build\nFROM b:1\nCOPY --from=Build x y',
      'FROM a:1\nFROM b:1\nCOPY --from=0 x y',
      'FROM a:1\nCOPY --from=tool:1 x y',
      'FROM a:1\nCOPY x y',
    ],
  },
  DL3023: {
    marked: ['FROM a:1 AS me\nCOPY --from=»me« x y', 'FROM a:1 AS Me\nCOPY --from=»mE« x y'],
    unmarked: ['FROM a:1 AS me\nFROM b:1 AS you\nCOPY --from=me x y', 'FROM a:1\nCOPY --from=a:1 x y'],
  },
  DL3024: {
    marked: ['FROM a:1 AS x\nFROM b:1 AS »X«\nFROM c:1 AS »x«'],
    unmarked: ['FROM a:1 AS x\nFROM b:1 AS y', 'FROM x:1\nFROM x:1'],
  },
  DL3025: {
    marked: [
      'FROM a:1\n»CMD nginx«',
      'FROM a:1\n»ENTRYPOINT [ "x", ]«',
      'FROM a:1\nHEALTHCHECK --retries=2 CMD »curl x«',
      'FROM a:1\nSHELL ["/bin/bash", "-c"]\n»CMD x«',
    ],
    unmarked: [
      'FROM a:1\nCMD ["nginx"]',
      'FROM a:1\nHEALTHCHECK NONE',
      'FROM a:1\nHEALTHCHECK CMD ["curl", "x"]',
      'FROM a:1\nONBUILD CMD x',
      'FROM a:1\nRUN x',
    ],
  },
  DL3026: {
    configuration: { trustedRegistries: ['example.com', '*.corp.net', 'eu.*', 'localhost:5000'] },
    marked: [
      'FROM »debian:12«',
      'FROM »other.com/a:1«',
      'FROM »corp.net/a:1«',
      'FROM scratch\nCOPY --from=»tool:1« a b',
      'FROM scratch\nRUN --mount=type=bind,from=»tool«,target=/t x',
      'FROM »localhost/a:1«',
    ],
    unmarked: [
      'FROM example.com/a:1',
      'FROM build.corp.net/a',
      'FROM eu.gcr.io/a',
      'FROM localhost:5000/a',
      'FROM scratch',
      'FROM example.com/a AS base\nFROM base\nCOPY --from=0 x y\nRUN --mount=from=base,target=/t x',
      'FROM scratch\nRUN --mount=type=cache,target=/t --mount=type=secret,id=x y',
    ],
  },
  DL3029: {
    marked: ['FROM --platform=»linux/amd64« a:1', 'FROM --platform=»$OTHER« a:1'],
    unmarked: ['FROM a:1', 'FROM --platform=$BUILDPLATFORM a:1', 'FROM --platform=${TARGETPLATFORM} a:1'],
  },
  DL3043: {
    marked: [
      'FROM a:1\nONBUILD »ONBUILD« RUN x',
      'FROM a:1\nONBUILD »from« x',
      'FROM a:1\nONBUILD »MAINTAINER« x',
    ],
    unmarked: ['FROM a:1\nONBUILD RUN x', 'FROM a:1\nONBUILD COPY from x'],
  },
  DL3044: {
    marked: ['FROM a:1\nENV A=1 B=»$A/b«', 'FROM a:1\nENV A=1 B=»"x${A}"«', 'FROM a:1\nENV P=1 P=»$P:2«'],
    unmarked: [
      'FROM a:1\nENV A=1\nENV B=$A C=$A',
      'FROM a:1\nENV A=$A',
      'FROM a:1\nENV A=1 B=$AB C=${A_}',
      'FROM a:1\nARG A\nENV A=1 B=$A',
      'FROM a:1\nENV A one $A',
    ],
  },
  DL3045: {
    marked: [
      'FROM a:1\nCOPY x »y«',
      'FROM a:1\nCOPY x »"./"«\nWORKDIR /z',
      'FROM a:1\nWORKDIR /z\nFROM b:1\nCOPY x »y«',
      'COPY x »y«',
    ],
    unmarked: [
      'FROM a:1\nWORKDIR /z\nCOPY x y',
      'FROM a:1\nCOPY x /y',
      'FROM a:1\nCOPY x $Y/z',
      'FROM a:1\nCOPY x C:\\y',
      'FROM a:1 AS base\nWORKDIR /z\nFROM base AS next\nFROM next\nCOPY x y',
      'FROM a:1\nADD x y',
      'FROM a:1\nONBUILD COPY x y',
    ],
  },
  DL3048: {
    marked: [
      'FROM a:1\nLABEL »Version«=1',
      'FROM a:1\nLABEL a=1 »b.«=2',
      'FROM a:1\nLABEL »a..b«=1',
      'FROM a:1\nLABEL »a--b«=1',
      'FROM a:1\nLABEL »com.docker.x«=1',
      'FROM a:1\nLABEL »1a«=1',
    ],
    unmarked: ['FROM a:1\nLABEL org.example.a-b_c/d2=1 a=2 "b"=3', 'FROM a:1\nLABEL com.dockers.x=1'],
  },
  DL3049: {
    configuration: { labelSchema: new Map([['owner', 'text'] as const]) },
    marked: [
      '»FROM« a:1',
      '»FROM« a:1\nLABEL owners=x',
      '»FROM« a:1\nFROM b:1\nLABEL owner=x',
      'FROM a:1 AS one\nLABEL owner=x\n»FROM« b:1 AS two\n',
    ],
    unmarked: [
      'FROM a:1\nLABEL x=1 owner=x',
      'FROM a:1\nLABEL "owner"=x',
      'FROM a:1 AS base\nLABEL owner=x\nFROM base',
      'FROM a:1 AS base\nFROM base\nLABEL owner=x',
      'FROM a:1 AS build\nFROM b:1\nLABEL owner=x\nCOPY --from=build x y',
    ],
  },
  DL3050: {
    configuration: { labelSchema: new Map([['owner', 'text'] as const]), strictLabels: true },
    marked: ['FROM a:1\nLABEL owner=x »other«=y'],
    unmarked: ['FROM a:1\nLABEL owner=x', 'FROM a:1'],
  },
  DL3051: {
    configuration: { labelSchema: new Map([['owner', 'text'] as const]) },
    marked: ['FROM a:1\nLABEL owner=»""«', 'FROM a:1\nLABEL »owner«='],
    unmarked: ['FROM a:1\nLABEL owner=x', 'FROM a:1\nLABEL other='],
  },
  DL3052: {
    configuration: { labelSchema: new Map([['docs', 'url'] as const]) },
    marked: [
      'FROM a:1\nLABEL docs=»example«',
      'FROM a:1\nLABEL docs=»"http://a b"«',
      'FROM a:1\nLABEL docs=»//x/y«',
    ],
    unmarked: [
      'FROM a:1\nLABEL docs=https://example.com/a?b=c#d',
      'FROM a:1\nLABEL docs="mailto:a@b.c"',
      'FROM a:1\nLABEL docs=http://[::1]:80/',
      'FROM a:1\nLABEL other=example',
    ],
  },
  DL3053: {
    configuration: { labelSchema: new Map([['made', 'rfc3339'] as const]) },
    marked: [
      'FROM a:1\nLABEL made=»2025-02-29T00:00:00Z«',
      'FROM a:1\nLABEL made=»2025-01-01«',
      'FROM a:1\nLABEL made=»2025-01-01T24:00:00Z«',
    ],
    unmarked: [
      'FROM a:1\nLABEL made=2024-02-29T23:59:59Z',
      'FROM a:1\nLABEL made="2025-01-01T00:00:00.25+02:00"',
    ],
  },
  DL3054: {
    configuration: { labelSchema: new Map([['license', 'spdx'] as const]) },
    marked: [
      'FROM a:1\nLABEL license=»BSD«',
      'FROM a:1\nLABEL license=»GPL-2.0«',
      'FROM a:1\nLABEL license=»"MIT OR ISC"«',
    ],
    unmarked: ['FROM a:1\nLABEL license=BSD-3-Clause', 'FROM a:1\nLABEL license=GPL-2.0-only'],
  },
  DL3055: {
    configuration: { labelSchema: new Map([['commit', 'hash'] as const]) },
    marked: [
      `FROM a:1\nLABEL commit=»0123456789«`,
      'FROM a:1\nLABEL commit=»ABCDEF0«',
      'FROM a:1\nLABEL commit=»$SHA«',
    ],
    unmarked: ['FROM a:1\nLABEL commit=abcdef0', `FROM a:1\nLABEL commit=${'0a'.repeat(20)}`],
  },
  DL3056: {
    configuration: { labelSchema: new Map([['version', 'semver'] as const]) },
    marked: [
      'FROM a:1\nLABEL version=»1.2«',
      'FROM a:1\nLABEL version=»v1.2.3«',
      'FROM a:1\nLABEL version=»1.02.3«',
    ],
    unmarked: ['FROM a:1\nLABEL version=1.2.3', 'FROM a:1\nLABEL version=1.2.3-rc.1+build.05'],
  },
  DL3057: {
    marked: ['»FROM« a:1\nRUN x', 'FROM a:1 AS x\nHEALTHCHECK CMD y\n»FROM« b:1'],
    unmarked: [
      'FROM a:1\nHEALTHCHECK NONE',
      'FROM a:1 AS base\nHEALTHCHECK CMD x\nFROM base',
      'FROM a:1 AS one\nFROM one AS two\nFROM two\nHEALTHCHECK CMD x',
    ],
  },
  DL3058: {
    configuration: { labelSchema: new Map([['contact', 'email'] as const]) },
    marked: [
      'FROM a:1\nLABEL contact=»me«',
      'FROM a:1\nLABEL contact=»"a b@example.com"«',
      'FROM a:1\nLABEL contact=»@b.c«',
    ],
    unmarked: ['FROM a:1\nLABEL contact=a.b+c@example.com'],
  },
  DL3061: {
    marked: ['»RUN« x\n»LABEL« a=b\nFROM a:1', 'ARG X\n»ENV« A=1\nFROM a:1', '»RUN« x'],
    unmarked: ['# x\nARG X\nARG Y=1\n\nFROM a:1\nRUN x'],
  },
  DL3063: {
    marked: ['FROM a:1 AS »scratch«', 'FROM a:1 AS »Context«'],
    unmarked: ['FROM scratch AS base', 'FROM a:1 AS contexts'],
  },
  DL3064: {
    marked: [
      'FROM a:1\nARG »GITHUB_TOKEN«',
      'FROM a:1\nENV A=1 »db_password«=x',
      'FROM a:1\nENV »Aws_Access_Key_Id« x',
      'FROM a:1\nONBUILD ARG »MY_SECRET«=1',
    ],
    unmarked: ['FROM a:1\nARG VERSION\nENV PATH=/token', 'FROM a:1\nENV AWS_REGION=x'],
  },
  DL3065: {
    marked: ['FROM --platform=»$TARGETPLATFORM« a:1', 'FROM --platform=»${TARGETPLATFORM}« a:1'],
    unmarked: ['FROM --platform=$BUILDPLATFORM a:1', 'FROM --platform=${TARGETPLATFORM:-x} a:1', 'FROM a:1'],
  },
  DL3066: {
    marked: ['FROM a:1\nUSER »me«', 'FROM a:1\nUSER »me:1000«', 'FROM a:1\nENV U=1\nUSER »$U«'],
    unmarked: [
      'FROM a:1\nUSER 1000',
      'FROM a:1\nUSER 1000:me',
      'ARG UID\nFROM a:1\nUSER $UID',
      'FROM a:1\nARG UID=1\nUSER ${UID}:0',
    ],
  },
  DL3067: {
    marked: ['FROM a:1\nCOPY --from=b »/« /', 'FROM a:1\nCOPY --from=b /x »"/"« "/"'],
    unmarked: ['FROM a:1\nCOPY / /', 'FROM a:1\nCOPY --from=b / /x', 'FROM a:1\nCOPY --from=b /x /'],
  },
  DL4000: {
    marked: ['FROM a:1\n»MAINTAINER me«'],
    unmarked: ['FROM a:1\nLABEL maintainer=me'],
  },
  DL4003: {
    marked: ['FROM a:1\nCMD ["x"]\nRUN y\n»CMD« ["z"]'],
    unmarked: ['FROM a:1\nCMD x\nFROM b:1\nCMD x', 'FROM a:1\nENTRYPOINT ["x"]\nCMD ["y"]'],
  },
  DL4004: {
    marked: ['FROM a:1\nENTRYPOINT ["x"]\n»ENTRYPOINT« ["z"]\n»ENTRYPOINT« ["y"]'],
    unmarked: ['FROM a:1\nENTRYPOINT x\nFROM b:1\nENTRYPOINT x'],
  },
});
