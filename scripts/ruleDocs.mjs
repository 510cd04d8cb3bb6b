// `npm run docs`: writes docs/rules.md, to which the codes of findings lead, from the rules themselves.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorRules } from '../server/language/lint/editorRules.ts';
import { rules as buildChecks } from '../server/language/lint/rules.ts';

const sections = [
  ['sampan', 'Facts of the whole file', 'What only Sampan tells.'],
  ['dockerfile-utils', 'Validations', 'What the Docker language server finds and BuildKit takes.'],
  ['buildkit', 'Build checks', 'What `docker build --check` finds, by the same names and messages.'],
  [
    'hadolint',
    'hadolint',
    'Its rules by their numbers; those that it calls errors are warnings here, because a build takes such a file.',
  ],
];

/** The text of docs/rules.md. */
export function renderRules() {
  const checks = buildChecks.map(rule => ({ ...rule, id: rule.name, source: 'buildkit' }));
  const all = [...editorRules, ...checks];
  const parts = sections.map(([source, title, about]) => {
    const own = all
      .filter(rule => rule.source === source)
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    return [`## ${title}`, about, ...own.map(renderRule)].join('\n\n');
  });
  return `${[head, ...parts].join('\n\n')}\n`;
}

const head = `# Rules

What Sampan finds in Dockerfiles besides errors. Made from the rules by \`npm run docs\`.

- The setting \`sampan.lint.rules\` chooses how a rule is shown: \`{ "DL3008": "off", "UnusedStage": "warning" }\`, with \`off\`, \`hint\`,
  \`information\`, \`warning\` and \`error\`.
- \`# check=skip=UnusedStage,DL3008\` silences rules, for the file at its top, for an instruction above it;
  \`# hadolint ignore=DL3008\` and \`# hadolint global ignore=DL3008\` do too, and \`.hadolint.yaml\` is read.
- What several rules tell is one finding. It goes by the name of one and names the others; any of the names switches it off.`;

function renderRule({ id, severity, summary, documentation, sameAs = [] }) {
  const level = severity === 'off' ? 'Off unless it is switched on.' : `Shown as ${severity}.`;
  const same = sameAs.filter(name => /^[A-Z]/.test(name));
  const others = same.length > 0 ? ` Tells the same as ${same.join(', ')}.` : '';
  return `### ${id}\n\n${summary}. ${level}${others}\n\n${documentation}`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/rules.md'), renderRules());
