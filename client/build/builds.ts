import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { BuildParams, BuildResult } from '../../server/protocol/types.ts';
import type { Connection } from '../connection.ts';
import { logText } from '../documentTexts.ts';
import { type Failure, failureText, isCancelled, toFailure } from '../failure.ts';
import { showFailure } from '../messages.ts';
import { style } from '../terminal/text.ts';
import { buildFinding } from './buildFinding.ts';
import type { BuildFindings } from './buildFindings.ts';
import type { BuildHistory, PastBuild } from './buildHistory.ts';
import { BuildReport, type FailedStep } from './buildReport.ts';
import type { BuildTerminals } from './buildTerminals.ts';
import { durationText } from './duration.ts';
import type { StepDecorations } from './stepDecorations.ts';
import type { StepResult } from './stepResults.ts';

export interface BuildRequest {
  readonly document: vscode.Uri;
  readonly params: Omit<BuildParams, 'token' | 'dockerfile'>;
}

/** Where a build shows itself and what stays of it. */
export interface BuildPlaces {
  readonly terminals: BuildTerminals;
  readonly findings: BuildFindings;
  readonly steps: StepDecorations;
  readonly history: BuildHistory;
}

/** Runs builds: progress in a notification, output in a terminal, a failure on its line. */
export class Builds {
  readonly #connection: Connection;
  readonly #terminals: BuildTerminals;
  readonly #findings: BuildFindings;
  readonly #steps: StepDecorations;
  readonly #history: BuildHistory;
  readonly #running = new Map<string, vscode.CancellationTokenSource>();

  constructor(connection: Connection, places: BuildPlaces) {
    this.#connection = connection;
    this.#terminals = places.terminals;
    this.#findings = places.findings;
    this.#steps = places.steps;
    this.#history = places.history;
  }

  /** True while a build of this Dockerfile runs in this window. */
  isRunning(document: vscode.Uri): boolean {
    return this.#running.has(document.toString());
  }

  /** Where the last build of this Dockerfile failed; undefined when it did not, or at no line. */
  failedAt(document: vscode.Uri): vscode.Range | undefined {
    return this.#findings.rangeOf(document);
  }

  /** How the last build of this Dockerfile fared with the instruction on a line, 0-based. */
  resultAt(document: vscode.Uri, line: number): StepResult | undefined {
    return this.#steps.at(document, line);
  }

  /** Cancels the build of this Dockerfile. */
  cancel(document: vscode.Uri): void {
    this.#running.get(document.toString())?.cancel();
  }

  /** Resolves with the image, or undefined when the build was cancelled. Rejects when it failed, after showing where. */
  async run(request: BuildRequest): Promise<BuildResult | undefined> {
    const key = request.document.toString();
    const source = new vscode.CancellationTokenSource();
    this.#running.set(key, source);
    this.#findings.clear(request.document);
    try {
      return await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Building {0}', request.params.tags[0] ?? 'image'),
          cancellable: true,
        },
        (progress, token) => {
          token.onCancellationRequested(() => source.cancel());
          const terminal = this.#terminals.for(request.document, () => this.cancel(request.document));
          return this.#build(request, {
            progress,
            token: source.token,
            write: text => terminal.write(text),
            onFailure: (failure, failed) => {
              this.#findings.show(request.document, { failure, failed });
              return this.#findings.rangeOf(request.document)?.start.line;
            },
          });
        },
      );
    } finally {
      this.#running.delete(key);
      source.dispose();
    }
  }

  /**
   * Runs a build for a task, whose terminal gets all that is said. A failure that has a line is said once more as the
   * problem matcher reads it. Resolves as {@link run} does.
   */
  runIn(
    request: BuildRequest,
    task: { readonly say: (text: string) => void; readonly token: vscode.CancellationToken },
  ): Promise<BuildResult | undefined> {
    this.#findings.clear(request.document);
    return this.#build(request, {
      progress: { report: () => {} },
      token: task.token,
      write: task.say,
      onFailure: (failure, failed) => {
        const finding = buildFinding(failure, failed);
        if (finding === undefined) return undefined;
        const { startLine, message } = finding;
        task.say(`${request.document.fsPath}:${startLine + 1}: error: ${message.split('\n', 1)[0]}\n`);
        return startLine;
      },
    });
  }

  async #build(
    request: BuildRequest,
    run: {
      readonly progress: vscode.Progress<{ message: string; increment: number }>;
      readonly token: vscode.CancellationToken;
      readonly write: (text: string) => void;
      /** Shows where it failed; returns the line, 0-based, if it has one. */
      readonly onFailure: (failure: Failure, failed: FailedStep | undefined) => number | undefined;
    },
  ): Promise<BuildResult | undefined> {
    const report = new BuildReport();
    const token = randomUUID();
    const startedAt = new Date();
    let log = '';
    const say = (text: string) => {
      log += logText(text);
      run.write(text);
    };
    const keep = (outcome: PastBuild['outcome']) => this.#keep(request, { startedAt, outcome, log });
    const steps = this.#steps.follow(request.document);
    let done = 0;
    const subscription = this.#connection.onNotification('sampan/build/event', ({ token: of, event }) => {
      if (of !== token) return;
      say(report.apply(event));
      steps.apply(event);
      if (event.kind === 'output') return;
      run.progress.report({ message: report.message, increment: (report.done - done) * 100 });
      done = report.done;
    });
    try {
      const params = { ...request.params, dockerfile: request.document.fsPath, token };
      const result = await this.#connection.request('sampan/build', params, run.token);
      say(`${style.green(successText(result))}\n`);
      await keep({ kind: 'built', steps: result.steps, cachedSteps: result.cachedSteps });
      return result;
    } catch (error) {
      if (isCancelled(error)) {
        say(`${style.red(vscode.l10n.t('The build was cancelled.'))}\n`);
        await keep({ kind: 'cancelled' });
        return undefined;
      }
      const failure = toFailure(error);
      const said = report.failed?.error === failure.message;
      say(`${style.red(said ? vscode.l10n.t('The build failed.') : failureText(failure))}\n`);
      const line = run.onFailure(failure, report.failed);
      await keep({ kind: 'failed', message: failure.message, ...(line === undefined ? {} : { line }) });
      throw error;
    } finally {
      subscription.dispose();
    }
  }

  /** That a build cannot be kept is said, and does not make it fail. */
  async #keep(
    { document, params }: BuildRequest,
    build: { readonly startedAt: Date; readonly outcome: PastBuild['outcome']; readonly log: string },
  ): Promise<void> {
    const { startedAt, outcome, log } = build;
    const past: PastBuild = {
      // A name that an editor's tab can show.
      id: `${(params.tags[0] ?? 'image').replace(/[^\w.-]+/g, '-')}-${randomUUID().slice(0, 8)}`,
      document: document.toString(),
      params,
      startedAt: startedAt.toISOString(),
      milliseconds: Date.now() - startedAt.getTime(),
      outcome,
    };
    await this.#history.add(past, log).catch(showFailure);
  }
}

/** `Built web:latest in 3.1 s, 2 of 6 steps from the cache.` */
export function successText(result: BuildResult): string {
  const name = result.tags.join(', ') || (result.imageId ?? '');
  return vscode.l10n.t(
    'Built {0} in {1}, {2} of {3} steps from the cache.',
    name,
    durationText(result.milliseconds),
    result.cachedSteps,
    result.steps,
  );
}
