/** Linux signal numbers, signal(7); the same on x86-64 and arm64. */
const numbers: { readonly [name: string]: number } = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
};

/** Real-time signals that programs may use: the C library keeps 32 and 33. */
const realtimeMin = 34;
const realtimeMax = 64;

export const SIGKILL = 9;
export const SIGTERM = 15;

/**
 * The number of a signal as docker takes it: a name with or without `SIG`, any case, `RTMIN+n`, `RTMAX-n`, or
 * a number from 1 to 64. Undefined when there is no such signal.
 */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) return inRange(Number(text), 1);
  const name = text.toUpperCase().replace(/^SIG/, '');
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (!realtime) return numbers[name];
  const base = realtime[1] === 'MIN' ? realtimeMin : realtimeMax;
  const offset = Number(realtime[3] ?? 0) * (realtime[2] === '-' ? -1 : 1);
  return inRange(base + offset, realtimeMin);
}

function inRange(signal: number, min: number): number | undefined {
  return signal >= min && signal <= realtimeMax ? signal : undefined;
}

/** `SIGTERM` for 15, `SIGRTMIN+3` for 37; the number itself when it has no name. */
export function signalName(signal: number): string {
  for (const [name, number] of Object.entries(numbers)) if (number === signal) return `SIG${name}`;
  if (signal < realtimeMin || signal > realtimeMax) return String(signal);
  return signal === realtimeMin ? 'SIGRTMIN' : `SIGRTMIN+${signal - realtimeMin}`;
}
