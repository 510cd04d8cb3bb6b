import { createConnection } from 'node:net';
import { SampanError } from '../../common/errors.ts';

/**
 * Reads what a build step writes, from its attach socket. The frames are docker's: stream number, three zero
 * bytes, length as big-endian u32; number 3 is the monitor's own last word (native/init/attach.c).
 */
const stdout = 1;
const stderr = 2;
const exit = 3;
const headerSize = 8;

export interface StepExit {
  readonly exitCode: number;
  readonly error?: { readonly step: string; readonly errno: string; readonly path: string };
}

/** Connect, pass on all output, and resolve with the exit. Rejects with `helper-lost` when the monitor is gone before it. */
export function followStep(
  socketPath: string,
  onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void,
): Promise<StepExit> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', chunk => {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      while (rest.length >= headerSize) {
        const size = rest.readUInt32BE(4);
        if (rest.length < headerSize + size) break;
        const payload = rest.subarray(headerSize, headerSize + size);
        if (rest[0] === stdout) onOutput('stdout', payload);
        else if (rest[0] === stderr) onOutput('stderr', payload);
        else if (rest[0] === exit) {
          resolve(JSON.parse(payload.toString()) as StepExit);
          socket.end();
        }
        rest = rest.subarray(headerSize + size);
      }
    });
    socket.on('error', error => reject(lost(error)));
    socket.on('close', () => reject(lost(undefined)));
  });
}

function lost(cause: unknown): SampanError {
  return new SampanError('helper-lost', 'The process that ran this build step ended unexpectedly.', {
    hint: 'Build again; if it happens again, see the log of the server.',
    cause,
  });
}
