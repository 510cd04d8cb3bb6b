// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the editor's snippets

export interface Snippet {
  readonly label: string;
  readonly detail: string;
  readonly text: string;
}

/** Whole instructions to start from, in the editor's snippet syntax. */
export const snippets: readonly Snippet[] = [
  {
    label: 'RUN with a cache',
    detail: 'keep downloads between builds',
    text: 'RUN --mount=type=cache,target=${1:/root/.cache} \\\\\n    ${0:command}',
  },
  {
    label: 'RUN with a secret',
    detail: 'the secret is never part of the image',
    text: 'RUN --mount=type=secret,id=${1:token},env=${2:TOKEN} ${0:command}',
  },
  {
    label: 'RUN with a script',
    detail: 'several lines as they are',
    text: 'RUN <<EOF\nset -e\n${0:command}\nEOF',
  },
  {
    label: 'COPY from a stage',
    detail: 'only what is needed',
    text: 'COPY --from=${1:build} ${2:/source} ${0:/destination}',
  },
  {
    label: 'FROM in two stages',
    detail: 'build in one image, ship another',
    text: 'FROM ${1:golang:1.24} AS build\nWORKDIR /src\nCOPY . .\nRUN ${2:go build -o /app .}\n\nFROM ${3:scratch}\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n',
  },
];
