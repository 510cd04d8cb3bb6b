import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileTemplate } from '../../server/cli/template/evaluate.ts';

const value = {
  Id: 'abc',
  State: { Running: true, ExitCode: 0 },
  Config: { Labels: { a: '1', 'b.c': 'two' }, Cmd: ['sh', '-c', 'x y'] },
  Mounts: [{ Name: 'v1' }, { Name: 'v2' }],
  Empty: [],
  Nothing: null,
  Label: (name: string) => `label ${name}`,
};

const cases: readonly (readonly [template: string, text: string])[] = [
  ['{{.Id}}', 'abc'],
  ['{{ .State.Running }} {{.State.ExitCode}}', 'true 0'],
  ['{{json .Config.Cmd}}', '["sh","-c","x y"]'],
  ['{{index .Config.Labels "a"}}{{index .Config.Labels "b.c"}}', '1two'],
  ['[{{index .Config.Labels "none"}}]', '[]'],
  ['{{(index .Mounts 0).Name}}', 'v1'],
  ['{{len .Mounts}}', '2'],
  ['{{range .Mounts}}{{.Name}};{{end}}', 'v1;v2;'],
  ['{{range $i, $m := .Mounts}}{{$i}}={{$m.Name}} {{end}}', '0=v1 1=v2 '],
  ['{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}},{{end}}', 'a:1,b.c:two,'],
  ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
  ['{{range .Mounts}}{{.Name}}{{break}}{{end}}', 'v1'],
  ['{{if .Empty}}yes{{else if .State.Running}}run{{else}}no{{end}}', 'run'],
  ['{{with .State}}{{.ExitCode}}{{$.Id}}{{end}}', '0abc'],
  ['{{$x := .Id}}{{$x}}{{$x = "y"}}{{$x}}', 'abcy'],
  ['{{join .Config.Cmd " "}}', 'sh -c x y'],
  ['{{.Config.Cmd}} {{.Config.Labels}}', '[sh -c x y] map[a:1 b.c:two]'],
  ['{{.Nothing}}', '<no value>'],
  ['{{.Id | upper | printf "%5s|%-4s|" "a"}}', '    a|ABC |'],
  ['{{printf "%d %q %.2f%%" 3 "x" 1.5}}', '3 "x" 1.50%'],
  ['{{.Label "k"}}', 'label k'],
  ['a {{- /* gone */ -}} b', 'ab'],
  ['a {{- .Id -}} b', 'aabcb'],
  ['{{`raw }} text`}} {{"q\\t\\"}}"}}', 'raw }} text q\t"}}'],
  ['{{if and (eq .Id "abc" "d") (not .Empty)}}both{{end}}', 'both'],
  ['{{if or .Empty (gt .State.ExitCode 1)}}x{{else}}neither{{end}}', 'neither'],
  ['{{slice .Id 0 2}}{{truncate .Id 1}}', 'aba'],
  ['{{println .Id}}', 'abc\n'],
  ['{{range split "a,b" ","}}<{{.}}>{{end}}', '<a><b>'],
];

for (const [template, text] of cases) {
  test(`template ${template} prints ${JSON.stringify(text)}`, () => {
    assert.equal(compileTemplate(template)(value), text);
  });
}

const failures: readonly (readonly [template: string, message: RegExp])[] = [
  ['{{.Nope}}', /map has no entry for key "Nope"/],
  ['{{.Id.More}}', /can't evaluate field More/],
  ['{{.Nothing.More}}', /nil pointer/],
  ['{{.Id', /unclosed action/],
  ['{{if .Id}}x', /unexpected EOF/],
  ['{{end}}', /unexpected \{\{end\}\}/],
  ['{{nosuch .Id}}', /function "nosuch" not defined/],
  ['{{index .Mounts 9}}', /index out of range/],
  ['{{$y}}', /undefined variable "\$y"/],
  ['{{(.Id}}', /unclosed left paren/],
  ['{{template "x"}}', /not supported/],
];

for (const [template, message] of failures) {
  test(`template ${template} is refused`, () => {
    assert.throws(() => compileTemplate(template)(value), { name: 'TemplateError', message });
  });
}
