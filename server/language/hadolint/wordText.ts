import type { ShellWord, SyntaxNode, WordPart } from '../shell/grammar.ts';

/**
 * A word of a script without its quotes, in which what is known at run time only is still to be seen: a variable is
 * `${name}` however it is written, a substitution is `${...}` with the words of its command.
 */
export function wordText(word: Pick<ShellWord, 'value' | 'parts'>): string {
  return word.parts?.map(partText).join('') ?? word.value;
}

function partText(part: WordPart): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted':
      return part.parts.map(partText).join('');
    case 'Glob':
    case 'ParameterExpansion':
      return part.text;
    case 'SimpleExpansion':
      return `\${${part.text.slice(1)}}`;
    case 'ArithmeticExpansion':
      return unknown;
    case 'CommandExpansion':
      return part.text.startsWith('`') ? unknown : `\${${scriptText(part.script)}}`;
    // Several words, or one that only bash knows.
    default:
      return '';
  }
}

const unknown = '$' + '{VAR}';

function scriptText(script: SyntaxNode | undefined): string {
  if (script?.type !== 'Script') return '';
  return script.commands.map(({ command }) => commandText(command)).join('');
}

function commandText(node: SyntaxNode): string {
  if (node.type !== 'Command') return '';
  const words = node.args.filter(part => part.type === 'Word');
  return [...(node.name ? [node.name] : []), ...words].map(wordText).join('');
}
