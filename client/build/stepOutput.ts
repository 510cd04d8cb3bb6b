/** Lines of output that a failure shows. */
const tailLines = 20;

/** Cuts a step's output, which comes in arbitrary pieces, into lines and keeps the last ones. */
export class StepOutput {
  #partial = '';
  #tail: string[] = [];

  get tail(): readonly string[] {
    return this.#tail;
  }

  /** Takes a piece and returns the lines that it completed. */
  push(text: string): readonly string[] {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    return this.#keep(lines);
  }

  /** The last line, when the output did not end in a line feed. */
  end(): readonly string[] {
    const line = this.#partial;
    this.#partial = '';
    return line === '' ? [] : this.#keep([line]);
  }

  #keep(lines: readonly string[]): readonly string[] {
    const shown = lines.map(overwritten);
    this.#tail = [...this.#tail, ...shown].slice(-tailLines);
    return shown;
  }
}

/** What a terminal shows of a line that was overwritten by carriage returns, as progress bars do. */
function overwritten(line: string): string {
  const end = line.endsWith('\r') ? line.slice(0, -1) : line;
  return end.slice(end.lastIndexOf('\r') + 1);
}
