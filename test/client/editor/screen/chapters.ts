import type { Chapter } from './chapter.ts';
import { buildAndRun } from './chapters/buildAndRun.ts';
import { containers } from './chapters/containers.ts';
import { courtesy } from './chapters/courtesy.ts';
import { failedBuild } from './chapters/failedBuild.ts';
import { files } from './chapters/files.ts';
import { images } from './chapters/images.ts';
import { language } from './chapters/language.ts';
import { mapChapter } from './chapters/map.ts';
import { options } from './chapters/options.ts';
import { server } from './chapters/server.ts';
import { windows } from './chapters/windows.ts';
import { writing } from './chapters/writing.ts';

/** All that the suite does in the window. */
export const chapters: readonly Chapter[] = [
  courtesy,
  writing,
  language,
  buildAndRun,
  failedBuild,
  images,
  options,
  containers,
  files,
  mapChapter,
  windows,
  server,
];
