/** Lines around the failing ones: four when it is one line, two when it is several (BuildKit: solver/errdefs/source.go). */
export function dockerfileExcerpt(
  text: string,
  place: { readonly name: string; readonly line: number; readonly endLine: number },
): string {
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''));
  const last = Math.min(place.endLine, lines.length);
  if (place.line < 1 || place.line > lines.length) return '';
  const { from, to } = padded({ first: place.line, last, count: lines.length });
  const shown = Array.from({ length: to - from + 1 }, (_, index) => {
    const number = from + index;
    const marker = number >= place.line && number <= last ? '>>>' : '   ';
    return ` ${String(number).padStart(3)} | ${marker} ${lines[number - 1]}\n`;
  });
  const rule = '--------------------\n';
  return `${place.name}:${place.line}\n${rule}${shown.join('')}${rule}`;
}

function padded({ first, last, count }: { first: number; last: number; count: number }): {
  from: number;
  to: number;
} {
  const pad = first === last ? 4 : 2;
  let [from, to] = [first, last];
  for (let taken = 0; taken < pad; taken++) {
    if (from > 1) {
      from--;
      taken++;
    }
    if (to < count) {
      to++;
      taken++;
    }
  }
  return { from, to };
}
