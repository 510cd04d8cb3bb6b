import type { Layout, Point } from './layout.ts';
import { nodeHeight, nodeWidth } from './layout.ts';

const smallest = 0.1;
const largest = 3;

/** Which part of the drawing is seen, and how large: by dragging, by the wheel with Control, by the keys + and -. */
export class Viewport {
  readonly #svg: SVGSVGElement;
  readonly #content: SVGGElement;
  #scale = 1;
  #x = 0;
  #y = 0;

  constructor(svg: SVGSVGElement, content: SVGGElement) {
    this.#svg = svg;
    this.#content = content;
    svg.addEventListener('wheel', event => this.#wheel(event), { passive: false });
    svg.addEventListener('pointerdown', event => this.#drag(event));
  }

  /** Makes all of it seen, no larger than it is. */
  fit({ width, height }: Layout): void {
    const { clientWidth, clientHeight } = this.#svg;
    this.#scale = Math.max(smallest, Math.min(1, clientWidth / width || 1, clientHeight / height || 1));
    this.#x = Math.max(0, (clientWidth - width * this.#scale) / 2);
    this.#y = Math.max(0, (clientHeight - height * this.#scale) / 2);
    this.#apply();
  }

  /** Larger or smaller, around the middle of what is seen unless a place is named. */
  zoom(factor: number, around?: Point): void {
    const { x, y } = around ?? { x: this.#svg.clientWidth / 2, y: this.#svg.clientHeight / 2 };
    const scale = Math.min(largest, Math.max(smallest, this.#scale * factor));
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  /** Moves until a node is seen. */
  reveal({ x, y }: Point): void {
    const { clientWidth, clientHeight } = this.#svg;
    const [left, top] = [
      this.#x + (x - nodeWidth / 2) * this.#scale,
      this.#y + (y - nodeHeight / 2) * this.#scale,
    ];
    const [right, bottom] = [left + nodeWidth * this.#scale, top + nodeHeight * this.#scale];
    this.#x += Math.max(0, -left) - Math.max(0, right - clientWidth);
    this.#y += Math.max(0, -top) - Math.max(0, bottom - clientHeight);
    this.#apply();
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey) this.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, { x: event.offsetX, y: event.offsetY });
    else {
      this.#x -= event.shiftKey ? event.deltaY : event.deltaX;
      this.#y -= event.shiftKey ? 0 : event.deltaY;
      this.#apply();
    }
  }

  #drag(start: PointerEvent): void {
    if (start.button !== 0 || (start.target as Element).closest('.node') !== null) return;
    const move = (event: PointerEvent) => {
      this.#x += event.movementX;
      this.#y += event.movementY;
      this.#apply();
    };
    this.#svg.setPointerCapture(start.pointerId);
    this.#svg.addEventListener('pointermove', move);
    this.#svg.addEventListener(
      'lostpointercapture',
      () => this.#svg.removeEventListener('pointermove', move),
      {
        once: true,
      },
    );
  }

  #apply(): void {
    this.#content.setAttribute('transform', `translate(${this.#x} ${this.#y}) scale(${this.#scale})`);
  }
}
