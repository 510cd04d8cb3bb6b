// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles
import { testRules } from './cases.ts';

const from = 'FROM a:1\n';

testRules({
  DL3001: {
    marked: [
      `${from}RUN x && »ssh« y`,
      `${from}RUN ["»top«"]`,
      `${from}ONBUILD RUN »ps« aux`,
      `${from}RUN x $(»kill« 1)`,
    ],
    unmarked: [`${from}RUN sshd`, `${from}RUN echo vim`, `${from}CMD vim`, `${from}RUN x # ssh`],
  },
  DL3003: {
    marked: [
      `${from}RUN »cd /x« && make`,
      `${from}RUN if true; then »cd y«; fi`,
      `${from}RUN <<E\n»cd x«\nE`,
    ],
    unmarked: [`${from}RUN make -C cd`, `${from}ONBUILD RUN cd x`, `${from}RUN bash -c "cd x"`],
  },
  DL3004: {
    marked: [`${from}RUN »sudo« make`, `${from}RUN x | »sudo« tee y`, `${from}ONBUILD RUN »sudo« x`],
    unmarked: [`${from}RUN apt-get remove sudo`, `${from}RUN gosu me x`],
  },
  DL3008: {
    marked: [
      `${from}RUN apt-get install -y a=1 »b« c`,
      `${from}RUN apt-get -t x install »$P« y`,
      `${from}RUN apt-get update && \\\n    # tools\n    apt-get install \\\n      a=1 \\\n      »b«`,
      `${from}RUN <<E\napt-get install »a«\nE`,
      `${from}RUN ["apt-get", "install", "»a«"]`,
      `${from}ONBUILD RUN apt-get install »a«`,
      `${from}RUN command apt-get install »a«`,
      `${from}RUN DEBIAN_FRONTEND=x apt-get install »a« >/dev/null 2>&1`,
    ],
    unmarked: [
      `${from}RUN apt-get install a=1 b=\${V} ./c.deb d/stable "e=$V"`,
      `${from}RUN apt-get install -t bookworm a=1`,
      `${from}RUN apt-get install --target-release bookworm a=1`,
      `${from}RUN apt-get update`,
      `${from}RUN echo apt-get install a`,
      `${from}RUN apt-get remove a`,
      `${from}RUN <<E python3\napt-get install a\nE`
        .replace('E python3', 'E')
        .replace('\napt', '\n#!/usr/bin/env python3\napt'),
    ],
  },
  DL3009: {
    marked: [
      `${from}RUN »apt-get update«`,
      `${from}RUN »apt update« && apt install x=1`,
      `FROM a:1 AS base\nRUN »apt-get update«\nFROM base`,
      `${from}ONBUILD RUN »apt-get update«`,
      `${from}RUN --mount=type=cache,target=/var/cache/apt »apt-get update«`,
      'RUN »apt-get update«',
    ],
    unmarked: [
      `${from}RUN apt-get update && apt-get install x=1 && rm -rf /var/lib/apt/lists/*`,
      `FROM a:1 AS build\nRUN apt-get update\nFROM b:1`,
      `${from}RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update`,
      `${from}RUN --mount=type=tmpfs,dst=/var/lib/apt --mount=type=cache,target=/var/cache/apt apt-get update`,
      `${from}RUN apt-get install x=1`,
    ],
    fixed: [
      [
        `${from}RUN apt-get update && apt-get install x=1`,
        `${from}RUN apt-get update && apt-get install x=1 && rm -rf /var/lib/apt/lists/*`,
      ],
      [
        `${from}RUN apt-get update \\\n  && apt-get install \\\n    x=1 # all\nUSER 1`,
        `${from}RUN apt-get update \\\n  && apt-get install \\\n    x=1 \\\n    && rm -rf /var/lib/apt/lists/* # all\nUSER 1`,
      ],
    ],
    unfixed: [
      `${from}RUN apt-get update`,
      `${from}RUN apt-get update; apt-get install x=1`,
      `${from}RUN apt-get update && apt-get install x=1 || true`,
      `${from}RUN apt-get update && apt-get install x=1\nRUN apt-get install y=1`,
      `FROM a:1 AS base\nRUN apt-get update && apt-get install x=1\nFROM base\nRUN apt-get install y=1`,
      `${from}RUN ["apt-get update && apt-get install x=1"]`,
    ],
  },
  DL3010: {
    marked: [
      `${from}COPY »x.tar.gz« /t/\nRUN tar -xzf /t/x.tar.gz`,
      `${from}COPY x »/t/y.tgz«\nRUN cd t && gunzip y.tgz`,
      `${from}COPY a »b.zip.xz« c /t/\nRUN unxz /t/b.zip.xz`,
      `${from}COPY »x.tar« /\nRUN tar --extract -f /x.tar\nFROM b:1`,
      `${from}COPY »"x.tar"« /\nRUN y\nRUN tar -C / -xf x.tar`,
    ],
    unmarked: [
      `${from}ADD x.tar.gz /t/`,
      `${from}COPY x.tar.gz /t/`,
      `${from}COPY --from=b:1 x.tar /t/\nRUN tar -xf /t/x.tar`,
      `${from}RUN tar -xf x.tar\nCOPY x.tar /`,
      `${from}COPY x.tar /\nRUN tar -xf y.tar`,
      `${from}COPY x.tar /\nRUN tar -cf x.tar y`,
      `${from}COPY x.tar /\nFROM b:1\nRUN tar -xf x.tar`,
    ],
  },
  DL3013: {
    marked: [
      `${from}RUN pip install »a«`,
      `${from}RUN pip3 install a==1 »b« c`,
      `${from}RUN python3 -m pip install --user »a«`,
      `${from}RUN pip install -i https://x/y »a«`,
      `${from}RUN pip install »git+https://x/y«`,
      `${from}RUN pip install --no-cache-dir »"a[b]"«`,
      `${from}ONBUILD RUN pip install »a«`,
    ],
    unmarked: [
      `${from}RUN pip install a==1 "b>=2" 'c~=3' d!=4`,
      `${from}RUN pip install -r x.txt`,
      `${from}RUN pip install --requirement x.txt a`,
      `${from}RUN pip install -c x.txt a`,
      `${from}RUN pip install --constraint=x.txt a`,
      `${from}RUN pip install .`,
      `${from}RUN pip install ./a b.whl`,
      `${from}RUN pip install git+https://x/y@v1`,
      `${from}RUN pip install -e x`,
      `${from}RUN pipenv install a`,
      `${from}RUN pip download a`,
      `${from}RUN python3 setup.py install a`,
    ],
  },
  DL3014: {
    marked: [`${from}RUN apt-get »install« a`, `${from}RUN apt-get -q »install« a`],
    unmarked: [
      `${from}RUN apt-get -y install a`,
      `${from}RUN apt-get install a --yes`,
      `${from}RUN apt-get install --assume-yes a`,
      `${from}RUN apt-get install -qq a`,
      `${from}RUN apt-get install -q -q a`,
      `${from}RUN apt-get install -q=2 a`,
      `${from}RUN apt-get -ym install a`,
      `${from}RUN apt-get update`,
    ],
    fixed: [
      [
        `${from}RUN apt-get install a && apt-get install b`,
        `${from}RUN apt-get install -y a && apt-get install -y b`,
      ],
      [`${from}RUN x \\\n && apt-get install \\\n a`, `${from}RUN x \\\n && apt-get install -y \\\n a`],
      [`${from}RUN <<E\napt-get install a\nE`, `${from}RUN <<E\napt-get install -y a\nE`],
    ],
    unfixed: [`${from}RUN ["apt-get", "install", "a"]`],
  },
  DL3015: {
    marked: [`${from}RUN apt-get »install« -y a`],
    unmarked: [
      `${from}RUN apt-get install --no-install-recommends a`,
      `${from}RUN apt-get -o APT::Install-Recommends=false install a`,
      `${from}RUN apt-get install a --no-install-recommends`,
    ],
    fixed: [[`${from}RUN apt-get install -y a`, `${from}RUN apt-get install --no-install-recommends -y a`]],
  },
  DL3016: {
    marked: [
      `${from}RUN npm install »a«`,
      `${from}RUN npm install -g a@1 »@s/b«`,
      `${from}RUN npm --loglevel error install »a«`,
      `${from}RUN npm install »git+https://x/y«`,
      `${from}RUN npm install »$P«`,
    ],
    unmarked: [
      `${from}RUN npm install`,
      `${from}RUN npm install --global a@1 @s/b@2`,
      `${from}RUN npm install ./a ../b /c ~/d e.tgz`,
      `${from}RUN npm install git+ssh://x/y#v1`,
      `${from}RUN npm run install a`,
      `${from}RUN npm ci`,
    ],
  },
  DL3018: {
    marked: [
      `${from}RUN apk add --no-cache a=1 »b«`,
      `${from}RUN apk --virtual x add »a«`,
      `${from}RUN apk add -t .d »a«`,
    ],
    unmarked: [
      `${from}RUN apk add a=1 b~2 'c>3' 'd<4' ./e.apk`,
      `${from}RUN apk add --repository http://x a=1`,
      `${from}RUN apk add -X http://x a=1`,
      `${from}RUN apk del a`,
    ],
  },
  DL3019: {
    marked: [`${from}RUN apk »add« a=1`, `${from}RUN apk --update »add« a=1`],
    unmarked: [
      `${from}RUN apk add --no-cache a=1`,
      `${from}RUN apk --no-cache add a=1`,
      `${from}RUN --mount=type=cache,target=/var/cache/apk apk add a=1`,
      `${from}RUN apk update`,
    ],
    fixed: [[`${from}RUN apk -U add a=1`, `${from}RUN apk -U add --no-cache a=1`]],
  },
  DL3027: {
    marked: [`${from}RUN »apt« update && apt install a`, `${from}ONBUILD RUN »apt« list`],
    unmarked: [`${from}RUN apt-get update`, `${from}RUN apt-key add x`, `${from}RUN echo apt`],
    fixed: [
      [`${from}RUN apt update && apt -y install a`, `${from}RUN apt-get update && apt-get -y install a`],
      [`${from}RUN apt show a`, `${from}RUN apt-cache show a`],
    ],
    unfixed: [`${from}RUN apt update && apt list`, `${from}RUN apt full-upgrade`],
  },
  DL3028: {
    marked: [
      `${from}RUN gem install »a«`,
      `${from}RUN gem i a:1 »b«`,
      `${from}RUN gem install --no-document x »a«`,
    ],
    unmarked: [
      `${from}RUN gem install a:1`,
      `${from}RUN gem install a -v 1`,
      `${from}RUN gem install a --version 1`,
      `${from}RUN gem install a --version=1`,
      `${from}RUN gem install a:1 -- --with-x y`,
      `${from}RUN gem update`,
    ],
  },
  DL3030: {
    marked: [`${from}RUN yum »install« a`, `${from}RUN yum »groupinstall« a`],
    unmarked: [
      `${from}RUN yum install -y a`,
      `${from}RUN yum -qy install a`,
      `${from}RUN yum --assumeyes localinstall a`,
      `${from}RUN yum remove a`,
    ],
    fixed: [[`${from}RUN yum install a`, `${from}RUN yum install -y a`]],
  },
  DL3032: {
    marked: [`${from}RUN »yum install -y a«`, `${from}RUN yum clean all && »yum install a«`],
    unmarked: [
      `${from}RUN yum install a && yum clean all`,
      `${from}RUN yum install a && rm -rf /var/cache/yum/*`,
      `${from}RUN yum update`,
    ],
    fixed: [[`${from}RUN yum install a && x`, `${from}RUN yum install a && x && yum clean all`]],
    unfixed: [`${from}RUN yum install a; x`, `${from}RUN yum install a &`],
  },
  DL3033: {
    marked: [
      `${from}RUN yum install -y a-1.0 »b«`,
      `${from}RUN yum install »a-b«`,
      `${from}RUN yum install »a-$V«`,
      `${from}RUN yum module install »a«`,
      `FROM a:1\nENV V=1\nFROM b:1\nRUN yum install »a-\${V}«`,
      `${from}ENV V=1\nONBUILD RUN yum install »a-\${V}«`,
    ],
    unmarked: [
      `${from}RUN yum install a-1.2-3.el9 b-2:1.0+x ./c-d.rpm`,
      `ARG V\nFROM a:1\nRUN yum install a-$V`,
      `FROM a:1 AS base\nENV V=1\nFROM base\nRUN yum install a-\${V}`,
      `${from}RUN yum module install a:1`,
      `${from}RUN yum clean all`,
    ],
  },
  DL3034: {
    marked: [`${from}RUN »zypper« install a`, `${from}RUN »zypper« rm a`, `${from}RUN »zypper« si a`],
    unmarked: [
      `${from}RUN zypper -n in a`,
      `${from}RUN zypper --non-interactive patch`,
      `${from}RUN zypper install -y a`,
      `${from}RUN zypper ref`,
    ],
    fixed: [[`${from}RUN zypper ref && zypper in a`, `${from}RUN zypper ref && zypper -n in a`]],
  },
  DL3035: {
    marked: [`${from}RUN zypper -n »dup«`, `${from}RUN zypper »dist-upgrade«`],
    unmarked: [`${from}RUN zypper -n up`, `${from}RUN echo dup`],
  },
  DL3036: {
    marked: [`${from}RUN »zypper in a«`, `${from}RUN zypper clean && »zypper install a«`],
    unmarked: [
      `${from}RUN zypper in a && zypper cc`,
      `${from}RUN --mount=type=cache,target=/var/cache/zypp zypper in a`,
      `${from}RUN zypper ref`,
    ],
    fixed: [[`${from}RUN zypper in a`, `${from}RUN zypper in a && zypper clean`]],
  },
  DL3037: {
    marked: [`${from}RUN zypper in -y a=1 »b«`],
    unmarked: [`${from}RUN zypper install "a>=1" b=2 "c<3" d.rpm`, `${from}RUN zypper rm a`],
  },
  DL3038: {
    marked: [`${from}RUN dnf »install« a`, `${from}RUN microdnf »install« a`],
    unmarked: [
      `${from}RUN dnf -y install a`,
      `${from}RUN microdnf install -y a`,
      `${from}RUN dnf install --assumeyes a`,
      `${from}RUN dnf upgrade`,
    ],
    fixed: [
      [
        `${from}RUN dnf install a && microdnf install b`,
        `${from}RUN dnf install -y a && microdnf install -y b`,
      ],
    ],
  },
  DL3040: {
    marked: [
      `${from}RUN »dnf install a«`,
      `${from}RUN »microdnf upgrade« && dnf clean all`,
      `${from}RUN dnf clean all && »dnf in a«`,
    ],
    unmarked: [
      `${from}RUN dnf install a && dnf clean all`,
      `${from}RUN microdnf reinstall a && microdnf clean all`,
      `${from}RUN dnf install a && rm -rf /var/cache/libdnf5*`,
      `${from}RUN --mount=type=cache,target=/var/cache/libdnf5 dnf install a`,
      `${from}RUN --mount=type=tmpfs,target=/root/.cache/libdnf5 dnf install a`,
      `${from}RUN dnf makecache`,
    ],
    fixed: [[`${from}RUN microdnf install a`, `${from}RUN microdnf install a && microdnf clean all`]],
  },
  DL3041: {
    marked: [
      `${from}RUN dnf install -y a-1 »b«`,
      `${from}RUN microdnf install »a«`,
      `${from}RUN dnf module install »a«`,
      `${from}RUN dnf install »a-$V«`,
    ],
    unmarked: [
      `${from}RUN dnf install a-1.2 b-c-2~rc1`,
      `${from}ENV V=1\nRUN dnf install a-\${V}`,
      `${from}RUN dnf module install a:1/x`,
      `${from}RUN dnf group install a`,
      `${from}RUN dnf upgrade`,
    ],
  },
  DL3042: {
    marked: [
      `${from}RUN pip »install« a==1`,
      `${from}RUN python -m pip »install« a==1`,
      `${from}ENV PIP_NO_CACHE_DIR=0\nRUN pip »install« a==1`,
      `${from}RUN PIP_NO_CACHE_DIR=off pip »install« a==1`,
      `${from}ENV PIP_NO_CACHE_DIR=1\nFROM b:1\nRUN pip »install« a==1`,
      `${from}ENV PIP_NO_CACHE_DIR=1\nONBUILD RUN pip »install« a==1`,
    ],
    unmarked: [
      `${from}RUN pip install --no-cache-dir a==1`,
      `${from}RUN pip --no-cache-dir install a==1`,
      `${from}ENV PIP_NO_CACHE_DIR="true"\nRUN pip install a==1`,
      `${from}RUN export PIP_NO_CACHE_DIR=1 && pip install a==1`,
      `FROM a:1 AS base\nENV PIP_NO_CACHE_DIR=yes\nFROM base\nRUN pip install a==1`,
      `${from}RUN --mount=type=cache,target=/root/.cache/pip pip install a==1`,
      `${from}RUN pipx install a==1`,
      `${from}RUN python -m pipx install pip install a`,
      `${from}RUN pip list`,
    ],
    fixed: [[`${from}RUN pip install a==1`, `${from}RUN pip install --no-cache-dir a==1`]],
  },
  DL3046: {
    marked: [`${from}RUN »useradd« -u 123456 me`, `${from}RUN »useradd« -mu 123456 me`],
    unmarked: [
      `${from}RUN useradd -u 12345 me`,
      `${from}RUN useradd -l -u 123456 me`,
      `${from}RUN useradd --no-log-init -u 123456 me`,
      `${from}RUN useradd me`,
    ],
    fixed: [[`${from}RUN useradd -u 123456 me`, `${from}RUN useradd -l -u 123456 me`]],
  },
  DL3047: {
    marked: [`${from}RUN »wget« http://x`, `${from}RUN »wget« -O- http://x | y`],
    unmarked: [
      `${from}RUN wget --progress=bar:force http://x`,
      `${from}RUN wget -q http://x`,
      `${from}RUN wget -qO- http://x`,
      `${from}RUN wget -nv http://x`,
      `${from}RUN wget --no-verbose http://x`,
      `${from}RUN wget -o log http://x`,
      `${from}RUN wget --append-output=log http://x`,
      `${from}RUN curl http://x`,
    ],
    fixed: [[`${from}RUN wget -c http://x`, `${from}RUN wget --progress=dot:giga -c http://x`]],
  },
  DL3059: {
    marked: [
      `${from}RUN x\n»RUN« y\n»RUN« z`,
      `${from}RUN x\n# why\n\n»RUN« y`,
      `${from}RUN --mount=type=cache,target=/c x\n»RUN« --mount=type=cache,target=/c y`,
      `${from}RUN [ -f x ] && y\n»RUN« z`,
    ],
    unmarked: [
      `${from}RUN x`,
      `${from}RUN x\nENV A=1\nRUN y`,
      `${from}RUN x && y\nRUN z`,
      `${from}RUN x\nRUN y; z`,
      `${from}RUN x\nRUN z $(y)`,
      `${from}RUN --network=none x\nRUN y`,
      `${from}RUN x\nRUN --mount=type=cache,target=/c y`,
      `${from}RUN x\nFROM b:1\nRUN y`,
      `${from}ONBUILD RUN x\nONBUILD RUN y`,
    ],
  },
  DL3060: {
    marked: [
      `${from}RUN »yarn install«`,
      `${from}RUN yarn cache clean && »yarn install«`,
      `FROM a:1 AS base\nRUN »yarn install«\nFROM base`,
      `${from}ONBUILD RUN »yarn install«`,
    ],
    unmarked: [
      `${from}RUN yarn install && yarn cache clean`,
      `FROM a:1 AS build\nRUN yarn install\nFROM b:1`,
      `${from}RUN --mount=type=cache,target=/root/.cache/yarn yarn install`,
      `${from}RUN yarn build`,
    ],
    fixed: [
      [`${from}RUN yarn install && yarn build`, `${from}RUN yarn install && yarn build && yarn cache clean`],
    ],
    unfixed: [`${from}RUN yarn cache clean; yarn install`],
  },
  DL3062: {
    marked: [
      `${from}RUN go install »x.y/z«`,
      `${from}RUN go get -u a@v1 »b@latest«`,
      `${from}RUN go run »x.y/z« a b`,
      `${from}RUN go get -tool »x.y/z«`,
    ],
    unmarked: [
      `${from}RUN go install x.y/z@v1.2`,
      `${from}RUN go install ./... /x .`,
      `${from}RUN go run x.y/z@v1 a`,
      `${from}RUN go build x.y/z`,
      `${from}RUN go mod download`,
    ],
  },
  DL4001: {
    marked: [
      `${from}RUN wget x\nRUN »curl« y\nRUN z\nRUN »wget« x`,
      `${from}RUN »curl« x | wget -i -`,
      `${from}ONBUILD RUN wget x\nONBUILD RUN »curl« y`,
    ],
    unmarked: [
      `${from}RUN curl x\nRUN curl y`,
      `${from}RUN curl x\nFROM b:1\nRUN wget y`,
      `${from}RUN apt-get install curl wget`,
    ],
  },
  DL4005: {
    marked: [`${from}RUN »ln -sf /bin/bash /bin/sh«`, `${from}RUN x; »ln -s bash /bin/sh«`],
    unmarked: [
      `${from}RUN ln -s /bin/sh /bin/x.sh`.replace('/bin/sh ', 'sh '),
      `${from}RUN rm /bin/sh`,
      `${from}SHELL ["/bin/bash", "-c"]`,
    ],
  },
  DL4006: {
    marked: [
      `${from}RUN x »|« y`,
      `${from}RUN x $(y »|« z)`,
      `${from}RUN (a; b) »|« c | d`,
      `${from}SHELL ["/bin/sh", "-o", "pipefail", "-c"]\nRUN x »|« y`,
      `${from}SHELL ["/bin/bash", "-c"]\nRUN x »|« y`,
      `${from}SHELL ["bash", "-o", "pipefail", "-c"]\nFROM b:1\nRUN x »|« y`,
      `${from}RUN x && \\\n  y \\\n  »|« z`,
    ],
    unmarked: [
      `${from}RUN x || y`,
      `${from}RUN x "|" y`,
      `${from}SHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN x | y`,
      `${from}SHELL ["/opt/zsh", "-o", "pipefail", "-c"]\nRUN x | y`,
      `${from}SHELL ["powershell", "-c"]\nRUN x | y`,
      `${from}SHELL ["C:\\\\bin\\\\pwsh.exe", "-c"]\nRUN x | y`,
      `FROM a:1 AS base\nSHELL ["bash", "-o", "pipefail", "-c"]\nFROM base\nRUN x | y`,
      `${from}ONBUILD RUN x | y`,
    ],
  },
});
