// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the editor's snippets

export interface Snippet {
  readonly label: string;
  readonly detail: string;
  readonly text: string;
}

/** Whole instructions to start from, in the editor's snippet syntax. */
export const snippets: readonly Snippet[] = [
  { label: 'FROM image AS stage', detail: 'a named stage', text: 'FROM ${1:image}:${2:tag} AS ${3:build}' },
  {
    label: 'ADD url',
    detail: 'a download with its digest',
    text: 'ADD --checksum=sha256:${1:digest} ${2:https://} ${0:/destination}',
  },
  { label: 'ARG name=default', detail: 'a variable of the build', text: 'ARG ${1:name}=${2:default}' },
  { label: 'CMD ["program"]', detail: 'without a shell', text: 'CMD ["${1:program}"]' },
  {
    label: 'COPY source destination',
    detail: 'from the build context',
    text: 'COPY ${1:source} ${2:destination}',
  },
  {
    label: 'COPY from a stage',
    detail: 'only what is needed',
    text: 'COPY --from=${1:build} ${2:/source} ${0:/destination}',
  },
  {
    label: 'COPY a file written here',
    detail: 'the content is in the Dockerfile',
    text: 'COPY <<EOF ${1:/etc/app.conf}\n${0}\nEOF',
  },
  {
    label: 'ENTRYPOINT ["program"]',
    detail: 'without a shell, so that it gets the signals',
    text: 'ENTRYPOINT ["${1:program}"]',
  },
  { label: 'ENV key=value', detail: 'for the build and for containers', text: 'ENV ${1:key}=${2:value}' },
  { label: 'EXPOSE port', detail: 'a port that the program listens on', text: 'EXPOSE ${1:8080}' },
  {
    label: 'HEALTHCHECK CMD',
    detail: 'a command that tells whether the container works',
    text: 'HEALTHCHECK --interval=${1:30s} --timeout=${2:30s} --start-period=${3:5s} --retries=${4:3} CMD ["${5:program}"]',
  },
  { label: 'HEALTHCHECK NONE', detail: 'without the check of the base image', text: 'HEALTHCHECK NONE' },
  { label: 'LABEL key="value"', detail: 'metadata', text: 'LABEL ${1:key}="${2:value}"' },
  {
    label: 'LABEL with OCI keys',
    detail: 'where the image comes from',
    text: 'LABEL org.opencontainers.image.title="${1:title}" \\\\\n      org.opencontainers.image.source="${2:https://}" \\\\\n      org.opencontainers.image.licenses="${3:MIT}"',
  },
  {
    label: 'ONBUILD COPY',
    detail: 'for images that are built on this one',
    text: 'ONBUILD COPY ${1:.} ${2:.}',
  },
  {
    label: 'RUN with a cache',
    detail: 'keep downloads between builds',
    text: 'RUN --mount=type=cache,target=${1:/root/.cache} \\\\\n    ${0:command}',
  },
  {
    label: 'RUN with a bind mount',
    detail: 'use files without copying them',
    text: 'RUN --mount=type=bind,source=${1:package.json},target=${2:package.json} \\\\\n    ${0:command}',
  },
  {
    label: 'RUN with a secret',
    detail: 'the secret is never part of the image',
    text: 'RUN --mount=type=secret,id=${1:token},env=${2:TOKEN} ${0:command}',
  },
  {
    label: 'RUN with ssh',
    detail: 'with the ssh agent of who builds',
    text: 'RUN --mount=type=ssh ${0:git clone git@host:path}',
  },
  {
    label: 'RUN with a script',
    detail: 'several lines as they are',
    text: 'RUN <<EOF\nset -e\n${0:command}\nEOF',
  },
  {
    label: 'RUN apt-get install',
    detail: 'packages of Debian and Ubuntu, nothing left behind',
    text: 'RUN apt-get update && apt-get install -y --no-install-recommends \\\\\n    ${0:package} \\\\\n && rm -rf /var/lib/apt/lists/*',
  },
  { label: 'RUN apk add', detail: 'packages of Alpine', text: 'RUN apk add --no-cache ${0:package}' },
  {
    label: 'SHELL bash with pipefail',
    detail: 'a failure in a pipe fails the build',
    text: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
  },
  { label: 'STOPSIGNAL signal', detail: 'what ends the container', text: 'STOPSIGNAL ${1:SIGTERM}' },
  {
    label: 'USER with a new name',
    detail: 'a user without rights',
    text: 'RUN useradd --system --uid ${1:10001} ${2:app}\nUSER ${2:app}',
  },
  { label: 'VOLUME ["/data"]', detail: 'a path that gets a volume', text: 'VOLUME ["${1:/data}"]' },
  { label: 'WORKDIR path', detail: 'the working directory', text: 'WORKDIR ${1:/app}' },
  {
    label: 'FROM in two stages',
    detail: 'build in one image, ship another',
    text: 'FROM ${1:golang:1.24} AS build\nWORKDIR /src\nCOPY . .\nRUN ${2:go build -o /app .}\n\nFROM ${3:scratch}\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n',
  },
];
