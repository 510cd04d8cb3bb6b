import { suggest } from '../../instructions/suggest.ts';
import type { StageRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

// OCI image-spec names them as Go does (GOOS and GOARCH of `go tool dist list`), and as containerd/platforms normalises.
const architectures =
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm i386 x86_64 x86-64 aarch64 armhf armel sparc64'.split(
    ' ',
  );
const systems =
  'linux windows darwin freebsd netbsd openbsd dragonfly solaris illumos aix android plan9 js wasi wasip1 wasip2'.split(
    ' ',
  );

/** The platform of FROM is one that exists. */
export const unknownPlatform: StageRule = {
  id: 'UnknownPlatform',
  source: 'sampan',
  scope: 'stage',
  severity: 'warning',
  sameAs: ['invalid-platform'],
  summary: 'A platform that nobody builds images for',
  documentation:
    'A platform is an operating system, an architecture and sometimes a variant. A build takes any word for one and fails only when the image has none of that name.\n\n```dockerfile\nFROM --platform=linux/arm64 alpine:3.20\n```',
  *check({ facts: { platform, stage } }) {
    const { node, platform: word } = stage.from;
    if (!platform || !word) return;
    const [system = '', architecture] = platform.text.toLowerCase().split('/');
    if (architecture === undefined) return;
    const wrong = !systems.includes(system.replace(/\(.*/, ''))
      ? { what: 'operating system', text: system, known: systems }
      : architectures.includes(architecture)
        ? undefined
        : { what: 'architecture', text: architecture, known: architectures };
    if (!wrong || wrong.text === '') return;
    const meant = suggest(wrong.text, wrong.known);
    const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
    const message = `No ${wrong.what} is called ${JSON.stringify(wrong.text)}${hint}`;
    const at = word.text.toLowerCase().indexOf(wrong.text);
    const isPlain = word.end - word.start === word.text.length && at >= 0;
    if (meant === undefined || !isPlain) {
      yield { ...spanOf(word), node, message };
      return;
    }
    const span = { start: word.start + at, end: word.start + at + wrong.text.length };
    const changes = [{ ...span, text: meant }];
    yield { ...span, node, message, fix: { title: `Change to ${meant}`, isGuess: true, changes } };
  },
};
