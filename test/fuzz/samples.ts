// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Dockerfiles

/** Dockerfiles that use the whole language, to start from. */
export const samples: readonly string[] = [
  `# syntax=docker/dockerfile:1
# check=skip=UndefinedVar
ARG GO=1.24
FROM --platform=$BUILDPLATFORM golang:\${GO} AS build
WORKDIR /src
ARG TARGETOS TARGETARCH=amd64
ENV CGO_ENABLED=0 \\
    GOOS=$TARGETOS \\
    # the machine
    GOARCH=\${TARGETARCH:-amd64}
COPY --link go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked \\
    --mount=type=secret,id=token,env=TOKEN \\
    go build -o /out/app ./cmd/...
FROM scratch
COPY --from=build --chown=1000:1000 --chmod=0755 /out/app /app
EXPOSE 8080/tcp 9090-9099/udp
USER 1000
HEALTHCHECK --interval=30s --timeout=3s --retries=3 CMD ["/app", "health"]
ENTRYPOINT ["/app"]
CMD ["serve", "--port=8080"]
`,
  `FROM debian AS base
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN <<EOF
set -e
apt-get update
apt-get install -y curl "$X"
EOF
RUN <<-'A' cat <<B > /b
	one $NO
	A
two $YES
B
COPY <<"index.html" <<robots.txt /srv/
<h1>$title</h1>
index.html
User-agent: \${AGENT:-*}
robots.txt
ONBUILD COPY . /app
ONBUILD RUN make \\
  all
FROM base
VOLUME ["/data", "/logs"]
VOLUME /a /b
LABEL a=b "c d"="e f" \\
      g='h'
STOPSIGNAL SIGQUIT
MAINTAINER somebody <somebody@example.com>
ENV legacy a value with = and "quotes"
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/x /
ADD --keep-git-dir=true https://example.com/r.git#main:sub /r
`,
  '# escape=`\r\nFROM windows\r\nRUN dir C:\\ `\r\n    && echo "a`"b"\r\nWORKDIR C:\\app\r\n',
  'from a as b\nrun x \\\n\n  y\nFrom b\nCMD x\nCMD y\nARG SECRET_KEY\nEXPOSE 1.2.3.4:80:80/TCP\nWORKDIR rel\n',
];
