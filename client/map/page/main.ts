import type { FromPage, MapGraph, PageTexts, ToPage } from './graph.ts';
import { type Layout, layoutOf, neighbour } from './layout.ts';
import { listOf } from './list.ts';
import { arrowHead, draw, element } from './svg.ts';
import { Viewport } from './viewport.ts';

interface State {
  readonly showUnused: boolean;
  readonly asList: boolean;
}

/** What VS Code gives to the page of a webview. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): State | undefined;
  setState(state: State): void;
};

const vscode = acquireVsCodeApi();
const page = document.getElementById('map') as HTMLElement;
const texts = JSON.parse(page.dataset.texts ?? '{}') as PageTexts;
let state: State = vscode.getState() ?? { showUnused: false, asList: false };

const svg = element('svg', { role: 'group', 'aria-label': texts.map, tabindex: 0 });
const content = element('g', {});
svg.append(arrowHead(), content);
const list = document.createElement('section');
const empty = document.createElement('p');
empty.textContent = texts.empty;
const unused = checkbox(texts.showUnused, state.showUnused, on => {
  remember({ ...state, showUnused: on });
  vscode.postMessage({ kind: 'show-unused', on });
});
const viewport = new Viewport(svg, content);
let layout: Layout = { width: 0, height: 0, nodes: new Map(), edges: [] };
let shape = '';

page.append(toolbar(), empty, svg, list);
showAs();
page.addEventListener('click', event => open(event.target));
svg.addEventListener('keydown', onKey);
window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => show(data.graph));
vscode.postMessage({ kind: 'ready', showUnused: state.showUnused });

function show(graph: MapGraph): void {
  const focused = (document.activeElement as HTMLElement | SVGElement | null)?.dataset?.id;
  const before = shape;
  // States and texts change often, who is there and belongs together seldom: only then is everything arranged anew.
  shape = JSON.stringify([
    graph.nodes.map(({ id }) => id),
    graph.edges.map(({ from, to, label }) => [from, to, label]),
  ]);
  if (shape !== before) layout = layoutOf(graph);
  content.replaceChildren(draw(graph, layout));
  list.replaceChildren(listOf(graph, texts));
  empty.hidden = graph.nodes.length > 0;
  unused.lastChild?.replaceWith(` ${texts.showUnused} (${graph.unused})`);
  if (before === '') viewport.fit(layout);
  // One stop of the Tab key for the drawing; arrows go on from there.
  nodeElement(focused ?? graph.nodes[0]?.id)?.setAttribute('tabindex', '0');
  if (focused !== undefined) refocus(focused);
}

function refocus(id: string): void {
  const holder = state.asList ? list : content;
  holder.querySelector<HTMLElement | SVGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus();
}

function nodeElement(id: string | undefined): SVGElement | null {
  return id === undefined ? null : content.querySelector(`[data-id="${CSS.escape(id)}"]`);
}

function open(target: EventTarget | null): void {
  const id = (target as Element | null)?.closest<HTMLElement | SVGElement>('[data-id]')?.dataset.id;
  if (id !== undefined) vscode.postMessage({ kind: 'open', id });
}

const directions = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' } as const;

function onKey(event: KeyboardEvent): void {
  if (event.key === '+') viewport.zoom(1.25);
  else if (event.key === '-') viewport.zoom(0.8);
  else if (event.key === '0') viewport.fit(layout);
  else if (event.key === 'Enter' || event.key === ' ') open(event.target);
  else if (event.key in directions) go(directions[event.key as keyof typeof directions]);
  else return;
  event.preventDefault();
}

function go(direction: 'left' | 'right' | 'up' | 'down'): void {
  const from = (document.activeElement as SVGElement | null)?.dataset?.id;
  const [first] = layout.nodes.keys();
  const to = from === undefined ? first : neighbour(layout, from, direction);
  const target = nodeElement(to);
  const at = to === undefined ? undefined : layout.nodes.get(to);
  if (target === null || at === undefined) return;
  nodeElement(from)?.setAttribute('tabindex', '-1');
  target.setAttribute('tabindex', '0');
  target.focus();
  viewport.reveal(at);
}

function toolbar(): HTMLElement {
  const bar = document.createElement('nav');
  bar.append(
    button('−', texts.zoomOut, () => viewport.zoom(0.8)),
    button('+', texts.zoomIn, () => viewport.zoom(1.25)),
    button('⤢', texts.fit, () => viewport.fit(layout)),
    checkbox(texts.list, state.asList, asList => {
      remember({ ...state, asList });
      showAs();
    }),
    unused,
  );
  return bar;
}

function showAs(): void {
  list.hidden = !state.asList;
  svg.classList.toggle('hidden', state.asList);
}

function remember(changed: State): void {
  state = changed;
  vscode.setState(state);
}

function button(sign: string, title: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.textContent = sign;
  made.title = title;
  made.setAttribute('aria-label', title);
  made.addEventListener('click', act);
  return made;
}

function checkbox(title: string, on: boolean, act: (on: boolean) => void): HTMLLabelElement {
  const label = document.createElement('label');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = on;
  box.addEventListener('change', () => act(box.checked));
  label.append(box, ` ${title}`);
  return label;
}
