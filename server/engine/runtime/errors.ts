import { type ErrorCode, SampanError } from '../../common/errors.ts';
import { HelperError } from './wire.ts';

/** What was being done when the helper failed, for the sentence. */
export interface Attempt {
  /** E.g. `start container 1a2b3c`. */
  readonly what: string;
  /** The program that was to run, when there was one. */
  readonly program?: string | undefined;
}

/** A helper's failure as an error that a user can read. Other errors pass unchanged. */
export function explain(error: unknown, attempt: Attempt): unknown {
  if (!(error instanceof HelperError)) return error;
  const { code, message, hint } = describe(error, attempt);
  return new SampanError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    detail: { step: error.step, path: error.path, errno: error.errno },
    cause: error,
  });
}

interface Description {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

function describe(error: HelperError, attempt: Attempt): Description {
  if (error.step === 'exec') return describeExec(error, attempt.program ?? error.path);
  if (error.errno === 'ENOSPC' || error.errno === 'EDQUOT') return describeFull(error, attempt);
  if (error.step === 'publish') return describePort(error);
  if (error.errno === 'ESRCH' && ['signal', 'join'].includes(error.step))
    return { code: 'not-running', message: `Cannot ${attempt.what}: its process has ended.` };
  const kernelPlace = placeOfKernelFiles(error);
  if (kernelPlace !== undefined) return describeNoFolder(kernelPlace, attempt);
  const hint = hints[error.step]?.(error);
  return {
    code: 'start-failed',
    message: `Cannot ${attempt.what}: ${sentence(error)}.`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function describeExec(error: HelperError, program: string): Description {
  switch (error.errno) {
    case 'ENOENT':
      return {
        code: 'command-not-found',
        message: `exec: "${program}": ${program.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH'}`,
        hint: 'Check the name, the PATH of the image, and that the interpreter of a script exists in the image.',
      };
    case 'EACCES':
    case 'EISDIR':
      return {
        code: 'command-not-executable',
        message: `exec: "${program}": ${error.errno === 'EISDIR' ? 'is a directory' : 'permission denied'}`,
        hint: 'The file must be a program with execute permission for the user that runs it (chmod +x).',
      };
    case 'ENOEXEC':
      return {
        code: 'command-not-executable',
        message: `exec ${program}: exec format error`,
        hint: 'A script needs a first line such as #!/bin/sh; a program must be built for this machine.',
      };
    default:
      return { code: 'start-failed', message: `exec ${program}: ${error.message}` };
  }
}

function describeFull(error: HelperError, attempt: Attempt): Description {
  if (error.step === 'unshare' || error.step === 'clone')
    return {
      code: 'isolation-unavailable',
      message: `Cannot ${attempt.what}: the limit of namespaces of this user is used up.`,
      hint: 'Stop some containers or raise user.max_user_namespaces and its neighbours (sysctl).',
    };
  return {
    code: 'disk-full',
    message: `Cannot ${attempt.what}: no space left for ${error.path || error.step}.`,
    hint: 'Free some space: `sampan rmi` and `sampan rm` remove images and containers.',
  };
}

/** The folders that every container has from the kernel; undefined when the failure is about something else. */
function placeOfKernelFiles({ step, path, errno }: HelperError): string | undefined {
  const isNoFolder = errno === 'ENOTDIR' || errno === 'ELOOP';
  return step === 'mount' && isNoFolder && ['proc', 'dev', 'sys'].includes(path) ? `/${path}` : undefined;
}

function describeNoFolder(place: string, attempt: Attempt): Description {
  return {
    code: 'start-failed',
    message: `Cannot ${attempt.what}: the image has a file or a link at ${place}, where a folder has to be.`,
    hint: `Make ${place} an empty folder in the image, or leave it out: a container gets one then.`,
  };
}

function describePort(error: HelperError): Description {
  const port = error.path.slice(error.path.lastIndexOf(':') + 1);
  switch (error.errno) {
    case 'EADDRINUSE':
      return {
        code: 'port-in-use',
        message: `Port ${error.path} is already in use on this machine.`,
        hint: 'Stop what listens there, or publish another port (-p OTHER:CONTAINER; -p CONTAINER takes a free one).',
      };
    case 'EACCES':
      return {
        code: 'start-failed',
        message: `Port ${error.path} needs privileges that this user does not have.`,
        hint: `Publish ${freeAlternative(port)} instead, or as root run \`sysctl net.ipv4.ip_unprivileged_port_start=${port}\`.`,
      };
    case 'EADDRNOTAVAIL':
      return {
        code: 'invalid-argument',
        message: `The address of ${error.path} does not belong to this machine.`,
        hint: 'Publish on 127.0.0.1, 0.0.0.0 or an address that `ip addr` shows.',
      };
    default:
      return { code: 'start-failed', message: `Port ${error.path} cannot be published: ${error.message}.` };
  }
}

/** 80 → 8080, 443 → 8443: what people use. */
function freeAlternative(port: string): string {
  return String(8000 + (Number(port) % 1000));
}

/** What each step is about, in the user's words. */
const subjects: { readonly [step: string]: string } = {
  rootfs: 'its root file system could not be mounted',
  mount: 'a mount could not be made',
  'mount-target': 'the place of a mount inside the container could not be prepared',
  'mount-protected': 'a mount would cover what the kernel shows',
  mask: 'a path that must be hidden could not be',
  cwd: 'its working directory cannot be entered',
  cgroup: 'a resource limit could not be set',
  sysctl: 'a kernel parameter could not be set',
  user: 'its user could not be taken on',
  rlimit: 'a ulimit could not be set',
  seccomp: 'its seccomp filter could not be loaded',
  network: 'its network could not be set up',
  join: 'a namespace of the other container could not be joined',
  log: 'its log could not be opened',
  'attach-socket': 'its attach socket could not be opened',
};

function sentence(error: HelperError): string {
  const subject = subjects[error.step];
  return subject === undefined ? error.message : `${subject} (${error.message})`;
}

const hints: { readonly [step: string]: (error: HelperError) => string | undefined } = {
  mount: error =>
    error.errno === 'ENOENT' ? 'The source of a bind mount must exist on this machine.' : undefined,
  'mount-protected': () =>
    'Nothing may be mounted on /proc, and nothing on /sys or /dev by a link of the image: choose another target.',
  mask: error =>
    error.path === '/dev/null'
      ? 'A mount on /dev must hold a null device: choose another target.'
      : undefined,
  'attach-socket': error =>
    error.errno === 'ENAMETOOLONG' ? 'Set SAMPAN_RUN to a shorter path.' : undefined,
  join: error =>
    error.errno === 'EPERM' ? 'Its main process has not started yet: attach to it, or try again.' : undefined,
  cwd: () => 'The working directory must be a folder inside the image that the user may enter.',
  user: () =>
    'Rootless, only ids within your ranges in /etc/subuid and /etc/subgid exist; ask for larger ranges (usermod --add-subuids).',
  rlimit: () => 'A hard limit above your own can only be given by root.',
  sysctl: () => 'Only parameters of the container’s own namespaces can be set.',
  cgroup: () => 'This host does not delegate that limit; run as root or remove the limit.',
};
