import { SampanError } from '../../common/errors.ts';

const protocols = ['tcp', 'udp', 'sctp'];
const portMax = 65535;

/**
 * Ports of an EXPOSE word as keys of the image's ExposedPorts: `80` is `80/tcp`, a range is each of its
 * ports, an address and a host port are dropped as docker does (go-connections nat.ParsePortSpecs).
 *
 * @throws SampanError `dockerfile-invalid`
 */
export function exposedPorts(text: string): readonly string[] {
  const [ports = '', protocol = 'tcp', ...more] = text.split('/');
  if (more.length > 0 || (text.includes('/') && protocol === '')) throw invalid(text, 'it has more than one protocol');
  const proto = protocol.toLowerCase();
  if (!protocols.includes(proto)) throw invalid(text, `the protocol "${protocol}" is none of tcp, udp and sctp`);
  const container = ports.slice(ports.lastIndexOf(':') + 1);
  if (container === '') throw invalid(text, 'it names no port');
  const [first = '', last = first, ...rest] = container.split('-');
  if (rest.length > 0) throw invalid(text, `"${container}" is no range`);
  const from = portNumber(first, text);
  const to = portNumber(last, text);
  if (to < from) throw invalid(text, `the range "${container}" ends before it begins`);
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}/${proto}`);
}

function portNumber(text: string, whole: string): number {
  if (!/^\d+$/.test(text) || Number(text) > portMax) throw invalid(whole, `"${text}" is no port from 0 to ${portMax}`);
  return Number(text);
}

function invalid(text: string, reason: string): SampanError {
  return new SampanError('dockerfile-invalid', `EXPOSE cannot take "${text}": ${reason}.`, {
    hint: 'Write a port or a range with an optional protocol, e.g. 80, 53/udp or 8000-8010.',
  });
}
