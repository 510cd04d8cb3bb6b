import { ruleAddress, rules, type Warning } from '../../language/index.ts';
import type { CallFinding } from './types.ts';

/** A finding of a build check as builds and `--call=check` report it. */
export function toFinding({ rule, message, line, node }: Warning): CallFinding {
  const endLine = line === node.line ? node.endLine : line;
  return {
    rule,
    description: rules.find(({ name }) => name === rule)?.summary ?? '',
    url: ruleAddress({ code: rule, source: 'buildkit' }),
    message,
    line: line + 1,
    endLine: endLine + 1,
  };
}
