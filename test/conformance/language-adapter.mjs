// Runs this project's language under the checks of the conformance data: see run-checks.mjs there for the interface.
import { spawnSync } from 'node:child_process';
import { HadolintPragmas } from '../../server/language/hadolint/pragmas.ts';
import { hadolintRules } from '../../server/language/hadolint/rules.ts';
import { createIgnoreMatcher } from '../../server/language/ignore/matcher.ts';
import { check as checkText, warningsBeforeError } from '../../server/language/lint/check.ts';
import { Inspector } from '../../server/language/lint/inspector.ts';
import { defaultLintSettings } from '../../server/language/lint/settings.ts';
import { processWord as expandWord, processWords as expandWords } from '../../server/language/shell/word.ts';
import { shellcheckFindings } from '../../server/language/shellcheck/findings.ts';
import { excludedCodes } from '../../server/language/shellcheck/input.ts';
import { readShellcheckOutput } from '../../server/language/shellcheck/output.ts';
import { parseTree } from '../../server/language/syntax/parse.ts';

export function parse(text) {
  const tree = parseTree(text);
  const problem = tree.problems[0];
  const nodes = tree.elements.filter(element => element.kind === 'instruction').map(toNode);
  return problem ? { nodes, error: { message: problem.message } } : { nodes };
}

/** The tree as BuildKit's parser prints it, one S-expression a line. */
export function dump(text) {
  const tree = parseTree(text);
  if (tree.problems[0]) throw new Error(tree.problems[0].message);
  const instructions = tree.elements.filter(element => element.kind === 'instruction');
  return instructions.map(node => `(${dumpNode(node)})`).join('\n');
}

/** The data was made with base images of which only PATH is known. */
const plainImage = { env: new Map(), hasShell: false, platform: undefined, onbuild: [] };

/** What a build with `--call=check` would print: the warnings up to the error. */
export function check(text, options) {
  const ignore = options.dockerignore ? createIgnoreMatcher(options.dockerignore) : undefined;
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  const result = checkText(text, { buildArgs, findImage: () => plainImage, ...(ignore && { ignore }) });
  const warnings = warningsBeforeError(result).map(warning => ({ ...warning, line: warning.line + 1 }));
  return result.error ? { warnings, error: { message: result.error.message } } : { warnings };
}

const commentsOf = new Map();

/** Runs ShellCheck as the server does, but waits for it; nothing where it is not installed. */
function shellComments(input) {
  const { shell, text } = input;
  const key = `${shell}\n${text}`;
  const args = ['--norc', '--format=json1', `--shell=${shell}`, `--exclude=${excludedCodes.join()}`, '-'];
  const printed =
    commentsOf.get(key) ?? spawnSync('shellcheck', args, { input: text, encoding: 'utf8' }).stdout;
  commentsOf.set(key, printed ?? '');
  return printed ? readShellcheckOutput(printed, input) : [];
}

const labelTypes = {
  Email: 'email',
  GitHash: 'hash',
  RawText: 'text',
  Rfc3339: 'rfc3339',
  SemVer: 'semver',
  Spdx: 'spdx',
  Url: 'url',
};

/**
 * What hadolint's rules find, those that are off by default too, however the editor calls the fact; and what ShellCheck
 * finds, where it is installed.
 */
export function hadolint(
  text,
  { ignored = [], trustedRegistries = [], labelSchema = {}, strictLabels = false },
) {
  const types = Object.entries(labelSchema).map(([label, type]) => [label, labelTypes[type]]);
  const configuration = {
    ...defaultLintSettings.hadolint,
    ignored: new Set(ignored),
    trustedRegistries,
    labelSchema: new Map(types),
    strictLabels,
  };
  const levels = new Map(hadolintRules.map(({ id }) => [id, ignored.includes(id) ? 'off' : 'warning']));
  const settings = { ...defaultLintSettings, levels, hadolint: configuration };
  const result = checkText(text);
  const pragmas = HadolintPragmas.read(result.file.tree);
  const { lineStarts } = result.file.tree;
  const findings = new Inspector({ rules: hadolintRules, settings }).run(result, { ignore: undefined });
  return [...findings, ...shellcheckFindings(result.file, { version: 0, comments: shellComments })]
    .map(({ rule, node, start }) => ({
      rule: rule.id,
      line: node?.line ?? lineStarts.findLastIndex(offset => offset <= start),
    }))
    .filter(({ rule, line }) => levels.get(rule) !== 'off' && !pragmas?.silences([rule], line))
    .map(({ rule, line }) => ({ rule, line: line + 1 }));
}

export function processWord(word, env, options) {
  return expandWord(word, wordOptions(env, options)).text;
}

export function processWords(word, env, options) {
  return expandWords(word, wordOptions(env, options));
}

const matchers = new Map();

export function ignored(ignoreFile, path) {
  const matcher = matchers.get(ignoreFile) ?? createIgnoreMatcher(ignoreFile);
  matchers.set(ignoreFile, matcher);
  return matcher.ignores(path);
}

function wordOptions(env, options) {
  return { ...options, env: new Map(Object.entries(env ?? {})) };
}

function toNode(node) {
  return {
    cmd: node.keyword.text,
    start: node.line + 1,
    end: node.endLine + 1,
    flags: node.flags.map(flag => flag.text),
    args: argumentsOf(node),
    heredocs: node.heredocs,
  };
}

/** Arguments as BuildKit keeps them: pairs as three, an unknown instruction with one that is empty. */
function ownArguments(node) {
  if (node.name === undefined) return [''];
  if (node.name !== 'ENV' && node.name !== 'LABEL') return node.args.map(word => word.text);
  if (node.legacyPair) return [...node.args.map(word => word.text), ''];
  return node.args.flatMap(({ text }) => {
    const equals = text.indexOf('=');
    return [text.slice(0, equals), text.slice(equals + 1), '='];
  });
}

function argumentsOf(node) {
  return node.trigger ? [{ children: [toChild(node.trigger)] }] : ownArguments(node);
}

/** An instruction below ONBUILD, which has no lines of its own. */
function toChild(node) {
  return {
    args: argumentsOf(node),
    ...(node.json && { attributes: { json: true } }),
    cmd: node.keyword.text,
    end: 0,
    ...(node.flags.length > 0 && { flags: node.flags.map(flag => flag.text) }),
    original: node.source,
    start: 0,
  };
}

function dumpNode(node) {
  const flags = node.flags.length > 0 ? ` [${node.flags.map(flag => quote(flag.text)).join(' ')}]` : '';
  const args = node.trigger ? [`(${dumpNode(node.trigger)})`] : ownArguments(node).map(quote);
  return [node.keyword.text.toLowerCase() + flags, ...args].join(' ');
}

/** strconv.Quote of Go. */
function quote(text) {
  return JSON.stringify(text).replace(/\\u00([01][0-9a-f])/g, '\\x$1');
}
