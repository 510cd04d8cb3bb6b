import { completion } from '../../language/features/completion.ts';
import { diagnostics } from '../../language/features/diagnostics.ts';
import { hover } from '../../language/features/hover.ts';
import { semanticTokens } from '../../language/features/semanticTokens.ts';
import { type CheckResult, check, editorRules, Inspector, inspect } from '../../language/index.ts';
import { toPosition } from '../../language/syntax/position.ts';

/**
 * Checks a small file again and again, as somebody who types in it would have it done, so that V8 has compiled the
 * language before the first keystroke: code that has just been loaded is ten times slower. It takes a tenth of a
 * second or two in all, in slices between which everything that waits is served.
 */
export function warmUp(): void {
  let text = sample;
  let round = 0;
  let previous: CheckResult | undefined;
  const inspector = new Inspector({ rules: editorRules });
  const type = (): void => {
    const at = (round * 37) % sample.length;
    const isOpened = round % 4 === 0;
    text = isOpened ? sample : `${text.slice(0, at)}x${text.slice(at)}`;
    previous = check(text, { previous: isOpened ? undefined : previous });
    diagnostics(inspect(previous, inspector));
    semanticTokens(previous);
    const place = toPosition(previous.file.tree, at);
    completion(previous, place);
    hover(previous, place);
    round++;
  };
  const work = (): void => {
    const end = performance.now() + slice;
    while (round < rounds && performance.now() < end) type();
    if (round < rounds) setTimeout(work, pause);
  };
  setTimeout(work, pause);
}

const rounds = 200;

/** Milliseconds that a message may have to wait for it, and those that it leaves to what has waited. */
const slice = 4;
const pause = 1;

/** Every instruction, in the forms that are usual. */
const sample = `# syntax=docker/dockerfile:1
ARG TAG=3.20
FROM --platform=$BUILDPLATFORM alpine:$TAG AS build
# the version that is built
ARG VERSION=1.2.3
ENV HOME_DIR=/opt/app LANG="C.UTF-8"
WORKDIR $HOME_DIR
COPY --chown=1000:1000 package.json lock.json ./
RUN --mount=type=cache,target=/root/.cache apk add \\
    # tools
    curl \\
    git
RUN make VERSION="$VERSION" && if [ -f x ]; then rm -rf /tmp/x | tee log; fi
ADD --checksum=sha256:0 https://example.com/file /srv/
COPY <<EOF /etc/config
version = \${VERSION:-none}
EOF
ONBUILD RUN echo built

FROM build AS test
RUN <<EOF
make test
EOF
LABEL org.example.stage="test" maintainer=nobody
SHELL ["/bin/sh", "-c"]

FROM scratch
COPY --from=build --link /opt/app /app
EXPOSE 80 8080/tcp
VOLUME ["/data"]
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s CMD curl -f http://localhost/
ENTRYPOINT ["/app/main"]
CMD ["--serve"]
`;
