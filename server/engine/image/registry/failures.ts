import { SampanError } from '../../../common/errors.ts';

/** What a registry said in an error body: `{"errors":[{"code","message"}]}` (distribution-spec "Error Codes"). */
export interface RegistryAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** Read an error body as far as it is one. */
export function parseAnswer(status: number, body: string): RegistryAnswer {
  const none = { status, code: undefined, message: undefined };
  try {
    const parsed = JSON.parse(body) as {
      errors?: { code?: unknown; message?: unknown }[];
      details?: unknown;
    };
    const first = parsed.errors?.[0];
    const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
    return { status, code: text(first?.code), message: text(first?.message) ?? text(parsed.details) };
  } catch {
    return none;
  }
}

/** An error status as a failure with a code of its own and a hint. `what` is the subject: `busybox:1`. */
export function refusal(
  answer: RegistryAnswer,
  {
    what,
    host,
    isWrite = false,
    note,
  }: {
    readonly what: string;
    readonly host: string;
    readonly isWrite?: boolean;
    readonly note?: string | undefined;
  },
): SampanError {
  const detail = { host, status: answer.status, code: answer.code ?? '' };
  const said = answer.message ?? answer.code;
  const reason = said === undefined ? `HTTP status ${answer.status}` : `${said} (${answer.status})`;
  if (answer.status === 401 || answer.status === 403) {
    const hint = `Check the name. If it is private, log in with "sampan login ${host}"; what docker and podman know is used too.`;
    const sentence = isWrite
      ? `The registry ${host} does not take ${what}: you may not write there (${reason}).`
      : `The registry ${host} does not give ${what}: it does not exist, or you have no access (${reason}).`;
    return new SampanError('unauthorized', sentence, {
      hint: note === undefined ? hint : `${note} ${hint}`,
      detail,
    });
  }
  if (answer.status === 404) {
    return new SampanError('not-found', `There is no ${what} in the registry ${host}.`, {
      hint: 'Check the spelling of name and tag.',
      detail,
    });
  }
  const hint =
    answer.status === 429
      ? `The registry limits how much is pulled: wait a while, or log in with "sampan login ${host}".`
      : 'Try again later; when it happens again, tell the people who run the registry.';
  return new SampanError('registry-refused', `The registry ${host} refused ${what}: ${reason}.`, {
    hint,
    detail,
  });
}

/** No connection within the time for it. Not an errno of the system's: whoever waited that long once is not asked to again. */
export const connectTimeout = 'CONNECT_TIMEOUT';

const causes: { readonly [errno: string]: { readonly reason: string; readonly hint: string } } = {
  ENOTFOUND: {
    reason: 'its name is not known (DNS)',
    hint: 'Check the spelling of the host and whether this machine is connected.',
  },
  EAI_AGAIN: {
    reason: 'its name could not be looked up (DNS)',
    hint: 'Check whether this machine is connected and its name server works (/etc/resolv.conf).',
  },
  ECONNREFUSED: {
    reason: 'nothing listens there (connection refused)',
    hint: 'Check host and port, and whether the registry runs.',
  },
  EHOSTUNREACH: { reason: 'there is no route to it', hint: 'Check whether this machine is connected.' },
  ENETUNREACH: { reason: 'there is no network', hint: 'Check whether this machine is connected.' },
  [connectTimeout]: {
    reason: 'no connection came about in time',
    hint: 'Check whether this machine is connected, a firewall, or whether a proxy is needed (HTTPS_PROXY).',
  },
  ETIMEDOUT: { reason: 'it stopped answering', hint: 'Try again: what arrived is kept.' },
  ECONNRESET: { reason: 'the connection broke off', hint: 'Try again: what arrived is kept.' },
  EPIPE: { reason: 'the connection broke off', hint: 'Try again: what arrived is kept.' },
};

/** A connection failure by its cause: DNS, refused, TLS, timeout. */
export function unreachable(host: string, error: unknown): SampanError {
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  const cause = causes[errno] ?? (isTlsFailure(errno) ? tlsCause(message, host) : undefined);
  return new SampanError(
    'registry-unreachable',
    `The registry ${host} cannot be reached: ${cause?.reason ?? message}.`,
    { hint: cause?.hint ?? 'Check host, port and connection.', detail: { host, errno }, cause: error },
  );
}

/** True for failures that may pass: a connection that broke, an overloaded registry. No network, unknown hosts and bad certificates do not. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof SampanError)) return false;
  const { errno, status } = error.detail;
  if (error.code === 'registry-unreachable')
    return ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(String(errno));
  return error.code === 'registry-refused' && (status === 429 || status === 408 || Number(status) >= 500);
}

function isTlsFailure(errno: string): boolean {
  return /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_MISMATCH)/.test(errno);
}

function tlsCause(message: string, host: string) {
  if (message.includes('wrong version number')) {
    return {
      reason: 'it does not speak TLS',
      hint: 'Plain http is used with registries on this machine only (localhost, 127.0.0.0/8): give the registry a certificate.',
    };
  }
  return {
    reason: `TLS failed (${message.split('\n')[0]})`,
    hint: `If the registry has a certificate of its own, put its CA into /etc/docker/certs.d/${host}/ca.crt or ~/.config/containers/certs.d/${host}/ca.crt.`,
  };
}
