import type { RuleSource } from './editorRule.ts';

/** Where the documentation of a rule is. */
export function ruleAddress({
  code,
  source,
}: {
  readonly code: string;
  readonly source: RuleSource;
}): string {
  switch (source) {
    case 'buildkit':
      return `https://docs.docker.com/go/dockerfile/rule/${kebabCase(code)}/`;
    case 'hadolint':
      return `https://github.com/hadolint/hadolint/wiki/${code}`;
    case 'shellcheck':
      return `https://www.shellcheck.net/wiki/${code}`;
    default:
      return `https://github.com/sampan/sampan/blob/main/docs/rules.md#${code.toLowerCase()}`;
  }
}

function kebabCase(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
