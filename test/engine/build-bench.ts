import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildEvent, BuildOptions, BuildResult } from '../../server/engine/build/types.ts';
import type { Image } from '../../server/engine/image/types.ts';
import type { TestEngine } from './support.ts';

/** A build with its context on disk, ready to be run again after a change. */
export interface TestBuild {
  readonly directory: string;
  write(files: { readonly [path: string]: string }): void;
  run(dockerfile: string, options?: Partial<BuildOptions>): Promise<Outcome>;
}

export interface Outcome extends BuildResult {
  readonly image: Image;
  readonly events: readonly BuildEvent[];
  /** One letter per step that makes a layer, in the order they ended: H was cached, m was made. */
  readonly hits: string;
  readonly output: string;
}

/** A context folder below the test's own. Steps have no network unless asked for: that is quicker. */
export function testBuild(bench: TestEngine, files: { readonly [path: string]: string } = {}): TestBuild {
  const directory = mkdtempSync(join(bench.base, 'context-'));
  const write: TestBuild['write'] = changed => {
    for (const [path, content] of Object.entries(changed)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
  };
  write(files);
  return {
    directory,
    write,
    async run(dockerfile, options = {}) {
      const events: BuildEvent[] = [];
      const result = await bench.engine.builder.build({
        contextDirectory: directory,
        dockerfile: { path: join(directory, 'Dockerfile'), text: dockerfile },
        tags: [],
        network: 'none',
        ...options,
        onProgress: event => {
          events.push(event);
          options.onProgress?.(event);
        },
      });
      const { image } = result;
      assert.ok(image);
      return { ...result, image, events, hits: hitsOf(events), output: outputOf(events) };
    },
  };
}

export function outputOf(events: readonly BuildEvent[]): string {
  return events.map(event => (event.kind === 'output' ? event.text : '')).join('');
}

function hitsOf(events: readonly BuildEvent[]): string {
  const images = new Set<string>();
  for (const event of events) {
    if (event.kind !== 'plan') continue;
    for (const step of event.steps) if (/\] FROM |^(?!\[)|^\[internal\]/.test(step.name)) images.add(step.id);
  }
  const ends = events.filter(event => event.kind === 'finish' && !images.has(event.step));
  return ends.map(event => (event.kind === 'finish' && event.cached ? 'H' : 'm')).join('');
}
