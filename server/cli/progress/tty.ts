import type { WriteStream } from 'node:tty';
import type { BuildEvent } from '../../protocol/types.ts';
import { withoutControls } from '../output.ts';
import { BuildState } from './buildState.ts';
import { columnsOf, type FrameLine, frameOf, type Tone } from './frame.ts';
import { failureText, type Progress } from './progress.ts';

/** Milliseconds between two frames, as BuildKit has them. */
const interval = 100;

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/** SGR parameters (ECMA-48 8.3.117). */
const colors: { readonly [T in Tone]: string } = {
  plain: '',
  done: '34',
  failed: '31',
  canceled: '33',
  faint: '2',
};

/** BuildKit's display for terminals: redrawn in place until the build ends. */
export class TtyProgress implements Progress {
  readonly #terminal: WriteStream;
  readonly #state = new BuildState();
  readonly #startedAt = Date.now();
  readonly #timer: NodeJS.Timeout;
  readonly #draw = () => this.#frame(false);
  readonly #restore = () => this.#terminal.write(showCursor);
  #drawn: readonly FrameLine[] = [];
  #isOver = false;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
    this.#timer = setInterval(this.#draw, interval);
    terminal.on('resize', this.#draw);
    process.once('exit', this.#restore);
    terminal.write(hideCursor);
  }

  handle(event: BuildEvent): void {
    this.#state.handle(event, Date.now());
  }

  /** Draws the last frame, which stays, and gives the cursor back. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#terminal.off('resize', this.#draw);
    this.#frame(true);
    process.off('exit', this.#restore);
    this.#restore();
    for (const { rule, message, line } of this.#state.warnings)
      this.#terminal.write(`WARNING: ${rule}: ${withoutControls(message)} (line ${line})\n`);
  }

  failure(step: string | undefined): string {
    const view = step === undefined ? undefined : this.#state.steps.get(step);
    if (view === undefined) return '';
    return failureText({ name: view.name, tail: view.output.filter(line => line !== '') });
  }

  #frame(isFinal: boolean): void {
    const { columns: width, rows: height } = this.#terminal;
    const size = { width: width || 80, height: height || 24 };
    const lines = frameOf(this.#state, { ...size, isFinal, now: Date.now(), startedAt: this.#startedAt });
    // A terminal that has become narrower has wrapped what was drawn.
    const rows = this.#drawn.reduce(
      (sum, { text }) => sum + Math.max(1, Math.ceil(columnsOf(text) / size.width)),
      0,
    );
    const up = Math.min(rows, size.height - 1);
    const back = up > 0 ? `\u001b[${up}A\r` : '\r';
    this.#terminal.write(`${back}${lines.map(line => `${paint(line)}\u001b[K\n`).join('')}\u001b[J`);
    this.#drawn = lines;
  }
}

/** The terminal that progress can be drawn on, if stderr is one. */
export function progressTerminal(): WriteStream | undefined {
  return process.stderr.isTTY && process.env.TERM !== 'dumb' ? process.stderr : undefined;
}

/** Colours are for terminals whose user has not set NO_COLOR (no-color.org). */
function paint({ text, tone }: FrameLine): string {
  const color = process.env.NO_COLOR ? '' : colors[tone];
  return color === '' ? text : `\u001b[${color}m${text}\u001b[0m`;
}
