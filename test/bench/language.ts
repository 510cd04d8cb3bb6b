import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Absent, Benchmark, Contender } from './harness.ts';
import { BenchServer, servers } from './languageServer.ts';

const sizes = [50, 1000, 20_000] as const;

/** A file of real instructions with a finding at its end. */
function sampleText(lines: number): string {
  const body = [
    'ENV APP_HOME=/opt/app LANG=C.UTF-8',
    'RUN apt-get update && \\',
    '    apt-get install -y --no-install-recommends curl && \\',
    '    rm -rf /var/lib/apt/lists/*',
    'COPY --chown=1000:1000 src/ /app/src/',
    'LABEL org.example.stage="build"',
    '# a comment between instructions',
    'WORKDIR /app',
    'ARG VERSION=1.2.3',
    'RUN make VERSION=$VERSION',
  ];
  const text = ['FROM debian:12 AS build'];
  while (text.length < lines - 1) text.push(body[text.length % body.length] ?? '');
  return `${text.join('\n')}\nEXPOSE 80a\n`;
}

/** What is done with an open document in one round; its milliseconds. */
type Act = (server: BenchServer, at: { readonly lines: number }) => Promise<number>;

// Each keystroke changes the finding on the last line, so that the list differs and must be published.
const lastWord = ({ lines }: { readonly lines: number }): [line: number, character: number] => [
  lines - 1,
  10,
];

/** A place in the middle: behind a `$` in the last RUN before it. */
function middle({ lines }: { readonly lines: number }): {
  readonly line: number;
  readonly character: number;
} {
  const line = Math.max(Math.floor(lines / 2 / 10) * 10, 0) + 9;
  return { line, character: 'RUN make VERSION=$V'.length };
}

/** Sends a request right behind a keystroke, as an editor does; the time of the answer to the request. */
async function behindKey(
  server: BenchServer,
  at: { readonly lines: number },
  ask: () => Promise<number>,
): Promise<number> {
  const typed = server.type(...lastWord(at));
  const took = await ask();
  await typed;
  return took;
}

const completion = 'textDocument/completion';
const hover = 'textDocument/hover';

const acts: { readonly [name: string]: { readonly what: string; readonly act: Act } } = {
  open: {
    what: 'open to published diagnostics',
    act: (server, { lines }) => server.open(sampleText(lines)),
  },
  keystroke: {
    what: 'keystroke at the end to published diagnostics',
    act: (server, at) => server.type(...lastWord(at)),
  },
  'keystroke-middle': {
    what: 'keystroke in the middle to published diagnostics',
    act: (server, at) => server.type(middle(at).line, 'RUN make '.length),
  },
  burst: {
    what: '50 keystrokes at once to the diagnostics of the last',
    act: (server, at) => server.type(...lastWord(at), 50),
  },
  completion: {
    what: 'completion of a variable',
    act: (server, at) => server.request(completion, { position: middle(at) }),
  },
  'completion-behind-key': {
    what: 'completion of a variable, right behind a keystroke',
    act: (server, at) => behindKey(server, at, () => server.request(completion, { position: middle(at) })),
  },
  hover: {
    what: 'hover over a variable',
    act: (server, at) => server.request(hover, { position: middle(at) }),
  },
  'hover-behind-key': {
    what: 'hover over a variable, right behind a keystroke',
    act: (server, at) => behindKey(server, at, () => server.request(hover, { position: middle(at) })),
  },
  tokens: {
    what: 'semantic tokens of the whole file',
    act: server => server.tokens(),
  },
  'tokens-first': {
    what: 'semantic tokens of a file that was just opened',
    act: async (server, { lines }) => {
      await server.open(sampleText(lines));
      return server.tokens();
    },
  },
  'tokens-behind-key': {
    what: 'semantic tokens right behind a keystroke, as the difference where the server has that',
    act: (server, at) => behindKey(server, at, () => server.tokensAgain()),
  },
  formatting: {
    what: 'formatting of the whole file',
    act: server => server.request('textDocument/formatting', { options: { tabSize: 4, insertSpaces: true } }),
  },
};

function roundsOf(name: string, lines: number): number {
  const isKeystroke = name.startsWith('keystroke');
  if (lines > 10_000) return isKeystroke ? 21 : 5;
  return isKeystroke ? 201 : 31;
}

/** Seconds after which a server counts as one that does not answer. */
const patience = 60;

async function contender(name: string, act: Act, lines: number): Promise<Contender | Absent> {
  const server = new BenchServer(servers[name] ?? []);
  await server.initialize();
  await server.open(sampleText(lines));
  // As when somebody has looked at the file for a moment: V8 has compiled what it compiles.
  for (let key = 0; key < (lines > 10_000 ? 3 : 30); key++) await server.type(...lastWord({ lines }));
  const answered = await within(act(server, { lines }));
  if (!answered) {
    await server.close();
    return { name, reason: `no answer within ${patience} s` };
  }
  return {
    name,
    run: () => act(server, { lines }),
    close: () => server.close(),
  };
}

/** False when it takes longer than the patience lasts. */
async function within(act: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), patience * 1000);
  });
  act.catch(() => {});
  const isInTime = await Promise.race([act.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}

function actBenchmark(name: string, lines: number): Benchmark {
  const { what, act } = acts[name] as (typeof acts)[string];
  return {
    name: `language-${name}-${lines}`,
    what: `${what}, ${lines.toLocaleString('en')} lines`,
    rounds: roundsOf(name, lines),
    contenders: async () => {
      const list: (Contender | Absent)[] = [];
      for (const server of Object.keys(servers)) list.push(await contender(server, act, lines));
      return list;
    },
  };
}

const initialize: Benchmark = {
  name: 'language-initialize',
  what: 'start of the process to the answer to initialize',
  rounds: 15,
  contenders: async () =>
    Object.entries(servers).map(([name, args]) => ({
      name,
      run: async () => {
        const start = performance.now();
        const server = new BenchServer(args);
        await server.initialize();
        const took = performance.now() - start;
        await server.close();
        return took;
      },
    })),
};

/** Milliseconds that somebody looks at the file without touching it. */
const pause = 8000;

/** Opened, ten keystrokes, a hover, and a pause where `rest` says so: what an editor has made of it after a while. */
function memory(lines: number, rest: 'at work' | 'in a pause'): Benchmark {
  const isPause = rest === 'in a pause';
  return {
    name: `language-memory-${isPause ? 'pause-' : ''}${lines}`,
    what: `resident memory ${rest}, ${lines.toLocaleString('en')} lines`,
    unit: 'MiB',
    rounds: 3,
    contenders: async () =>
      Object.entries(servers).map(([name, args]) => ({
        name,
        run: async () => {
          const server = new BenchServer(args);
          await server.initialize();
          await server.open(sampleText(lines));
          for (let key = 0; key < 10; key++) await server.type(...lastWord({ lines }));
          await server.request(hover, { position: middle({ lines }) });
          if (isPause) await delay(pause);
          const size = server.residentMebibytes();
          await server.close();
          return size;
        },
      })),
  };
}

/** The language server beside the incumbent, over stdio as an editor does it. */
export const language: readonly Benchmark[] = [
  initialize,
  ...sizes.flatMap(lines => {
    // Fifty checks of 20,000 lines, one after the other, take the incumbent minutes.
    const names = Object.keys(acts).filter(name => name !== 'burst' || lines <= 1000);
    return [
      ...names.map(name => actBenchmark(name, lines)),
      memory(lines, 'at work'),
      memory(lines, 'in a pause'),
    ];
  }),
];
