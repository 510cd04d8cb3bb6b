import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { PullReport } from '../build/pullReport.ts';
import { confirm } from '../messages.ts';
import { setting } from '../settings.ts';
import type { SubjectOf } from '../views/subject.ts';
import { shortId } from '../views/words.ts';
import { loadImages, saveImages } from './archives.ts';
import { copy } from './containerCommands.ts';
import { exposedPorts } from './portsInput.ts';
import { pushImage } from './pushImage.ts';
import { runDefaults, runImage } from './runImage.ts';
import { askRunOptions } from './runOptionsInput.ts';
import { chosenSubjects } from './selection.ts';
import type { CommandsOf, Services } from './services.ts';

type Chosen = SubjectOf<'image'>;

/** Commands on images. */
export function imageCommands(services: Services): CommandsOf<'sampan.image.'> {
  const { connection } = services;
  const choose = (args: readonly unknown[], title: string, where: (image: Chosen) => boolean = () => true) =>
    chosenSubjects(args, services, { view: 'sampan.images', kind: 'image', title, where });
  const tagged = ({ reference }: Chosen) => reference !== undefined;
  return {
    'sampan.image.run': async (...args) => {
      for (const { image, reference } of await choose(args, vscode.l10n.t('Run an image')))
        await runImage(services, {
          ...runDefaults(reference ?? image.id),
          ports: exposedPorts(image.exposedPorts, setting('sampan.run.publishAddress')),
        });
    },
    'sampan.image.runInteractive': async (...args) => {
      for (const { image, reference } of await choose(args, vscode.l10n.t('Run an image interactively')))
        await runImage(services, {
          ...runDefaults(reference ?? image.id),
          ports: exposedPorts(image.exposedPorts, setting('sampan.run.publishAddress')),
          tty: true,
          openStdin: true,
        });
    },
    'sampan.image.runWithOptions': async (...args) => {
      const [chosen] = await choose(args, vscode.l10n.t('Run an image'));
      if (chosen === undefined) return;
      const options = await askRunOptions(chosen.image, chosen.reference ?? chosen.image.id);
      if (options !== undefined) await runImage(services, options);
    },
    'sampan.image.pull': () => pull(services),
    'sampan.image.push': async (...args) => {
      for (const { reference } of await choose(args, vscode.l10n.t('Push an image'), tagged))
        if (reference !== undefined) await pushImage(services, reference);
    },
    'sampan.image.load': () => loadImages(services),
    'sampan.image.save': async (...args) =>
      saveImages(services, await choose(args, vscode.l10n.t('Save an image'))),
    'sampan.image.history': async (...args) => {
      for (const { image, reference } of await choose(args, vscode.l10n.t('Show the history of an image')))
        await services.documents.show('history', { id: image.id, name: reference ?? shortId(image.id) });
    },
    'sampan.image.tag': async (...args) => {
      const [chosen] = await choose(args, vscode.l10n.t('Tag an image'));
      const reference = chosen && (await askTag(chosen));
      if (reference) await connection.request('sampan/image/tag', { image: chosen.image.id, reference });
    },
    'sampan.image.untag': async (...args) => {
      for (const { reference } of await choose(args, vscode.l10n.t('Remove a tag of an image'), tagged))
        if (reference !== undefined) await connection.request('sampan/image/untag', { reference });
    },
    'sampan.image.inspect': async (...args) => {
      for (const { image, reference } of await choose(args, vscode.l10n.t('Inspect an image')))
        await services.documents.inspect('image', { id: image.id, name: reference ?? shortId(image.id) });
    },
    'sampan.image.copyReference': async (...args) =>
      copy(
        (await choose(args, vscode.l10n.t('Copy the name of an image'), tagged)).flatMap(
          ({ reference }) => reference ?? [],
        ),
      ),
    'sampan.image.copyId': async (...args) =>
      copy((await choose(args, vscode.l10n.t('Copy the id of an image'))).map(({ image }) => image.id)),
    'sampan.image.remove': async (...args) =>
      remove(services, await choose(args, vscode.l10n.t('Remove an image'))),
  };
}

async function pull({ connection }: Services): Promise<void> {
  const reference = await vscode.window.showInputBox({
    title: vscode.l10n.t('Pull an image'),
    prompt: vscode.l10n.t('Name of the image, with its registry unless it is on Docker Hub'),
    placeHolder: 'busybox:latest',
  });
  if (!reference) return;
  const token = randomUUID();
  const report = new PullReport();
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Pulling {0}', reference),
      cancellable: true,
    },
    async (progress, cancellation) => {
      const subscription = connection.onNotification(
        'sampan/pull/progress',
        ({ token: of, progress: part }) => {
          if (of === token) progress.report({ message: report.apply(part) });
        },
      );
      try {
        await connection.request('sampan/image/pull', { reference, token }, cancellation);
      } finally {
        subscription.dispose();
      }
    },
  );
}

function askTag(chosen: Chosen): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Tag {0}', chosen.reference ?? shortId(chosen.image.id)),
    prompt: vscode.l10n.t('A further name for the image'),
    ...(chosen.reference === undefined ? { placeHolder: 'name:tag' } : { value: chosen.reference }),
  });
}

async function remove({ connection }: Services, images: readonly Chosen[]): Promise<void> {
  const [first] = images;
  if (first === undefined) return;
  const users = new Set(images.flatMap(({ image }) => image.containers));
  const agreed = await confirm({
    message:
      images.length === 1
        ? vscode.l10n.t('Remove the image {0}?', first.reference ?? shortId(first.image.id))
        : vscode.l10n.t('Remove {0} images?', images.length),
    ...(users.size === 0 ? {} : { detail: vscode.l10n.t('Used by {0}.', [...users].join(', ')) }),
    action: vscode.l10n.t('Remove'),
  });
  if (!agreed) return;
  // Without a tag the id names the image; with one only that tag goes, and the image with its last.
  for (const { image, reference } of images)
    await connection.request('sampan/image/remove', { image: reference ?? image.id, force: false });
}
