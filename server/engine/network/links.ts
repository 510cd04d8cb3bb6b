import { variableName } from '../container/merge.ts';

/** A running container that another one is linked to. */
export interface LinkTarget {
  /** Name of the container that gets the variables. */
  readonly owner: string;
  readonly alias: string;
  readonly address: string;
  /** Exposed ports of the target, `80/tcp`. */
  readonly ports: readonly string[];
  /** Environment of the target. */
  readonly env: readonly string[];
}

interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** The variables that docker gives a container for one link (moby `daemon/links/links.go`). */
export function linkVariables(target: LinkTarget): readonly string[] {
  const prefix = target.alias.replaceAll('-', '_').toUpperCase();
  const ports = target.ports.map(parsePort).sort(compare);
  const url = (port: Port) => `${port.protocol}://${target.address}:${port.number}`;
  const variables: string[] = [];
  const first = ports[0];
  if (first) variables.push(`${prefix}_PORT=${url(first)}`);
  for (const range of ranges(ports)) {
    if (range.length > 1) variables.push(...rangeVariables(prefix, { target, range }));
    for (const port of range) {
      const name = `${prefix}_PORT_${port.number}_${port.protocol.toUpperCase()}`;
      variables.push(
        `${name}=${url(port)}`,
        `${name}_ADDR=${target.address}`,
        `${name}_PORT=${port.number}`,
        `${name}_PROTO=${port.protocol}`,
      );
    }
  }
  variables.push(`${prefix}_NAME=/${target.owner}/${target.alias}`);
  for (const variable of target.env) {
    const name = variableName(variable);
    if (name === variable || name === 'HOME' || name === 'PATH') continue;
    variables.push(`${prefix}_ENV_${variable}`);
  }
  return variables;
}

function rangeVariables(
  prefix: string,
  { target, range }: { target: LinkTarget; range: readonly Port[] },
): readonly string[] {
  const start = range[0] as Port;
  const end = range[range.length - 1] as Port;
  const name = `${prefix}_PORT_${start.number}_${start.protocol.toUpperCase()}`;
  return [
    `${name}_START=${start.protocol}://${target.address}:${start.number}`,
    `${name}_PORT_START=${start.number}`,
    `${name}_END=${start.protocol}://${target.address}:${end.number}`,
    `${name}_PORT_END=${end.number}`,
  ];
}

/** Runs of consecutive ports of one protocol. */
function ranges(ports: readonly Port[]): readonly (readonly Port[])[] {
  const runs: Port[][] = [];
  for (const port of ports) {
    const run = runs[runs.length - 1];
    const last = run?.[run.length - 1];
    if (run && last && last.protocol === port.protocol && last.number + 1 === port.number) run.push(port);
    else runs.push([port]);
  }
  return runs;
}

function parsePort(text: string): Port {
  const [number, protocol] = text.split('/');
  return { number: Number(number), protocol: protocol ?? 'tcp' };
}

/** tcp first, then by number. */
function compare(a: Port, b: Port): number {
  if (a.protocol !== b.protocol)
    return a.protocol === 'tcp' ? -1 : b.protocol === 'tcp' ? 1 : a.protocol < b.protocol ? -1 : 1;
  return a.number - b.number;
}
