import type { ContainerOptions } from '../../server/protocol/types.ts';
import { parseAssignments } from './assignments.ts';
import { splitWords } from './commandLine.ts';
import { parseLimits } from './limitsInput.ts';
import { parseLinks } from './linksInput.ts';
import { parseMounts } from './mountsInput.ts';
import { parsePorts } from './portsInput.ts';

/** A way to run an image, as `sampan.run.profiles` keeps it: everything in the words of `sampan run`, as it was typed. */
export interface RunProfile {
  readonly name: string;
  readonly image: string;
  readonly ports?: string;
  readonly containerName?: string;
  readonly environment?: string;
  readonly mounts?: string;
  readonly limits?: string;
  readonly links?: string;
  readonly command?: string;
  readonly interactive?: boolean;
}

/** The parts of a profile that are typed. */
export type ProfileField = Exclude<keyof RunProfile, 'name' | 'image' | 'interactive'>;

/** What profiles are read against. */
export interface ProfileContext {
  /** Address of ports that name none. */
  readonly address: string;
  /** The workspace folder, which `./` in mounts is seen from. */
  readonly folder: string | undefined;
}

/** What a field gives to the options, or what is wrong with its text. */
type Reading = Partial<ContainerOptions> | { readonly problem: string };

const readers: { readonly [F in ProfileField]: (text: string, context: ProfileContext) => Reading } = {
  ports: (text, { address }) => parsePorts(text, address),
  containerName: text => {
    const problem = nameProblem(text);
    return problem === undefined ? (text === '' ? {} : { name: text }) : { problem };
  },
  environment: text => {
    const read = parseAssignments(text);
    if (read.problem !== undefined) return read;
    return { env: Object.entries(read.values).map(pair => pair.join('=')) };
  },
  mounts: (text, { folder }) => parseMounts(text, folder),
  limits: parseLimits,
  links: parseLinks,
  command: text => {
    const problem = commandProblem(text);
    if (problem !== undefined) return { problem };
    const words = splitWords(text);
    return words.length === 0 ? {} : { command: words };
  },
};

/** What is wrong with a field's text. */
export function fieldProblem(field: ProfileField, text: string, context: ProfileContext): string | undefined {
  const read = readers[field](text, context);
  return 'problem' in read ? read.problem : undefined;
}

/** The options of a container that runs so. Throws an Error that says which field cannot be read, and why. */
export function profileOptions(profile: RunProfile, context: ProfileContext): ContainerOptions {
  let options: ContainerOptions = { image: profile.image };
  for (const field of Object.keys(readers) as ProfileField[]) {
    const read = readers[field](profile[field] ?? '', context);
    if ('problem' in read && read.problem !== undefined)
      throw new Error(
        `The run profile ${profile.name} cannot be used, because of its ${field}: ${read.problem}`,
      );
    options = { ...options, ...read };
  }
  return profile.interactive ? { ...options, tty: true, openStdin: true } : options;
}

/** One line that tells profiles apart: `8080:80 · data:/srv · httpd -f`. */
export function profileSummary({ ports, environment, mounts, limits, links, command }: RunProfile): string {
  return [ports, mounts, environment, limits, links, command].filter(Boolean).join(' · ');
}

/** Docker's rule for container names; empty is allowed. */
export function nameProblem(name: string): string | undefined {
  if (name === '' || /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return undefined;
  return 'Use letters, digits, _ . - and begin with a letter or digit; at least two characters.';
}

/** What is wrong with a command line. */
export function commandProblem(line: string): string | undefined {
  try {
    splitWords(line);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
