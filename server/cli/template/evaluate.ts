import { TemplateError } from './error.ts';
import { functions } from './functions.ts';
import { type Base, type Node, type Operand, type Pipe, parseTemplate } from './parse.ts';
import { isTrue, show } from './values.ts';

/** A parsed template, applied to a value. */
export type Template = (value: unknown) => string;

/**
 * Compiles a template of Go's text/template with docker's functions. Values are plain JSON; a function in
 * the place of a field is called as a method. Throws {@link TemplateError}, also when applied, for a field
 * that the value does not have.
 */
export function compileTemplate(source: string): Template {
  const nodes = parseTemplate(source);
  return value => new Evaluation(value).text(nodes);
}

class LoopExit {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}

class Evaluation {
  #dot: unknown;
  #scope: Scope;
  #output: string[] = [];

  constructor(root: unknown) {
    this.#dot = root;
    this.#scope = new Scope(undefined);
    this.#scope.declare('', root);
  }

  text(nodes: readonly Node[]): string {
    this.#run(nodes);
    return this.#output.join('');
  }

  #run(nodes: readonly Node[]): void {
    for (const node of nodes) this.#node(node);
  }

  #node(node: Node): void {
    switch (node.kind) {
      case 'text':
        this.#output.push(node.text);
        return;
      case 'print': {
        const value = this.#pipe(node.pipe);
        if (node.pipe.variables.length === 0) this.#output.push(show(value));
        return;
      }
      case 'if':
      case 'with':
        this.#inScope(() => this.#branch(node));
        return;
      case 'range':
        this.#range(node);
        return;
      default:
        throw new LoopExit(node.kind);
    }
  }

  #branch(node: Extract<Node, { kind: 'if' | 'with' }>): void {
    const value = this.#pipe(node.pipe);
    if (!isTrue(value)) this.#run(node.otherwise);
    else if (node.kind === 'if') this.#run(node.body);
    else this.#withDot(value, () => this.#run(node.body));
  }

  #range(node: Extract<Node, { kind: 'range' }>): void {
    const entries = entriesOf(this.#pipe({ ...node.pipe, variables: [] }));
    if (entries.length === 0) this.#inScope(() => this.#run(node.otherwise));
    const names = node.pipe.variables;
    for (const [key, value] of entries) {
      try {
        this.#inScope(() => {
          const values = names.length === 2 ? [key, value] : [value];
          names.forEach((name, index) => {
            this.#scope.declare(name, values[index]);
          });
          this.#withDot(value, () => this.#run(node.body));
        });
      } catch (exit) {
        if (!(exit instanceof LoopExit)) throw exit;
        if (exit.kind === 'break') return;
      }
    }
  }

  #pipe(pipe: Pipe): unknown {
    let piped: readonly unknown[] = [];
    for (const command of pipe.commands) piped = [this.#command(command, piped)];
    const [value] = piped;
    for (const name of pipe.variables) {
      if (pipe.assigns) this.#scope.assign(name, value);
      else this.#scope.declare(name, value);
    }
    return value;
  }

  #command([first, ...rest]: readonly Operand[], piped: readonly unknown[]): unknown {
    if (first === undefined) throw new TemplateError('missing value for command');
    const args = () => [...rest.map(operand => this.#operand(operand)), ...piped];
    if (first.kind === 'function') return callFunction(first.name, args());
    if (rest.length === 0 && piped.length === 0) return this.#operand(first);
    const method = first.kind === 'chain' ? this.#chain(first, { call: false }) : undefined;
    if (typeof method !== 'function') throw new TemplateError("can't give argument to non-function");
    return method(...args());
  }

  #operand(operand: Operand): unknown {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind === 'function') return callFunction(operand.name, []);
    return this.#chain(operand, { call: true });
  }

  #chain(operand: Extract<Operand, { kind: 'chain' }>, options: { readonly call: boolean }): unknown {
    let value = this.#base(operand.base);
    operand.fields.forEach((name, index) => {
      value = fieldOf(value, name);
      const last = index === operand.fields.length - 1;
      if (typeof value === 'function' && (options.call || !last)) value = value();
    });
    return value;
  }

  #base(base: Base): unknown {
    if (base.kind === 'dot') return this.#dot;
    return base.kind === 'variable' ? this.#scope.value(base.name) : this.#pipe(base.pipe);
  }

  #withDot(value: unknown, run: () => void): void {
    const before = this.#dot;
    this.#dot = value;
    try {
      run();
    } finally {
      this.#dot = before;
    }
  }

  #inScope(run: () => void): void {
    const before = this.#scope;
    this.#scope = new Scope(before);
    try {
      run();
    } finally {
      this.#scope = before;
    }
  }
}

class Scope {
  readonly #outer: Scope | undefined;
  readonly #values = new Map<string, unknown>();

  constructor(outer: Scope | undefined) {
    this.#outer = outer;
  }

  declare(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  assign(name: string, value: unknown): void {
    this.#holder(name).#values.set(name, value);
  }

  value(name: string): unknown {
    return this.#holder(name).#values.get(name);
  }

  #holder(name: string): Scope {
    if (this.#values.has(name)) return this;
    if (this.#outer === undefined) throw new TemplateError(`undefined variable "$${name}"`);
    return this.#outer.#holder(name);
  }
}

function callFunction(name: string, args: readonly unknown[]): unknown {
  const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (call === undefined) throw new TemplateError(`function "${name}" not defined`);
  return call(...args);
}

/** As docker's inspect: a missing key is an error, so that a misspelt name does not print nothing. */
function fieldOf(value: unknown, name: string): unknown {
  if (value === undefined || value === null) {
    throw new TemplateError(`nil pointer evaluating interface {}.${name}`);
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new TemplateError(
      `can't evaluate field ${name} in type ${Array.isArray(value) ? 'list' : typeof value}`,
    );
  }
  if (!Object.hasOwn(value, name)) throw new TemplateError(`map has no entry for key "${name}"`);
  return (value as { [name: string]: unknown })[name];
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index]);
  if (typeof value === 'object') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  throw new TemplateError(`range can't iterate over ${show(value)}`);
}
