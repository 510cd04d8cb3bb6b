import * as vscode from 'vscode';
import type { ContainerOptions, ImageSummary } from '../../server/protocol/types.ts';
import { setting } from '../settings.ts';
import { exposedPorts, portsText } from './portsInput.ts';
import { runDefaults } from './runImage.ts';
import {
  fieldProblem,
  type ProfileContext,
  type ProfileField,
  profileOptions,
  profileSummary,
  type RunProfile,
} from './runProfile.ts';

interface Step {
  readonly field: ProfileField;
  readonly prompt: string;
  readonly placeHolder?: string;
}

/**
 * How to run an image: one of its profiles, or what the user answers in steps, which can become a profile. Undefined
 * when the user left.
 */
export async function askRunOptions(
  image: ImageSummary,
  reference: string,
): Promise<ContainerOptions | undefined> {
  const context = profileContext();
  const saved = setting('sampan.run.profiles').filter(profile => profile.image === reference);
  const profile = saved.length === 0 ? 'new' : await chooseProfile(reference, saved);
  if (profile === undefined) return undefined;
  const chosen = profile === 'new' ? await askProfile(image, { reference, context }) : profile;
  return chosen && { ...runDefaults(reference), ...profileOptions(chosen, context) };
}

function profileContext(): ProfileContext {
  return {
    address: setting('sampan.run.publishAddress'),
    folder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
  };
}

async function chooseProfile(
  reference: string,
  profiles: readonly RunProfile[],
): Promise<RunProfile | 'new' | undefined> {
  const title = vscode.l10n.t('Run {0} as', reference);
  const edit = vscode.l10n.t('Edit Profiles in the Settings');
  const pick = await vscode.window.showQuickPick(
    [
      ...profiles.map(profile => ({ label: profile.name, description: profileSummary(profile), profile })),
      { label: '', kind: vscode.QuickPickItemKind.Separator, profile: undefined },
      { label: vscode.l10n.t('With Other Options...'), profile: 'new' as const },
      { label: edit, profile: undefined },
    ],
    { title, matchOnDescription: true, ignoreFocusOut: true },
  );
  if (pick?.label === edit)
    await vscode.commands.executeCommand('workbench.action.openSettings', 'sampan.run.profiles');
  return pick?.profile;
}

async function askProfile(
  image: ImageSummary,
  { reference, context }: { readonly reference: string; readonly context: ProfileContext },
): Promise<RunProfile | undefined> {
  const title = vscode.l10n.t('Run {0}', reference);
  const steps = stepsFor(image);
  const count = steps.length + 2;
  let profile: RunProfile = {
    name: '',
    image: reference,
    ports: portsText(exposedPorts(image.exposedPorts, context.address)),
  };
  for (const [index, { field, ...texts }] of steps.entries()) {
    const text = await vscode.window.showInputBox({
      title: `${title} (${index + 1}/${count})`,
      ...texts,
      value: profile[field] ?? '',
      ignoreFocusOut: true,
      validateInput: typed => fieldProblem(field, typed, context),
    });
    if (text === undefined) return undefined;
    profile = { ...profile, [field]: text };
  }
  const interactive = await askTerminal(`${title} (${count - 1}/${count})`);
  if (interactive === undefined) return undefined;
  const name = await vscode.window.showInputBox({
    title: `${title} (${count}/${count})`,
    prompt: vscode.l10n.t('Name under which to keep these options in the settings. Leave empty to run once.'),
    ignoreFocusOut: true,
  });
  if (name === undefined) return undefined;
  profile = { ...profile, name, ...(interactive ? { interactive } : {}) };
  if (name !== '') await keep(profile);
  return profile;
}

function stepsFor({ volumes }: ImageSummary): readonly Step[] {
  return [
    {
      field: 'ports',
      prompt: vscode.l10n.t('Ports to publish, host:container. Without a host port a free one is taken.'),
      placeHolder: '8080:80',
    },
    {
      field: 'containerName',
      prompt: vscode.l10n.t('Name of the container. Leave empty for a made-up one.'),
    },
    {
      field: 'environment',
      prompt: vscode.l10n.t('Environment: NAME=value, separated by blanks'),
      placeHolder: 'MODE=debug',
    },
    {
      field: 'mounts',
      prompt: mountsPrompt(volumes),
      placeHolder: `data:${volumes[0] ?? '/srv/data'}`,
    },
    {
      field: 'limits',
      prompt: vscode.l10n.t('Limits: memory, processors and processes. Leave empty for none.'),
      placeHolder: 'memory=512m cpus=1.5 pids=100',
    },
    {
      field: 'links',
      prompt: vscode.l10n.t('Links to other containers, container:alias. The alias is a name in this one.'),
      placeHolder: 'db:database',
    },
    { field: 'command', prompt: vscode.l10n.t("Command to run. Leave empty for the image's own.") },
  ];
}

function mountsPrompt(declared: readonly string[]): string {
  const how = vscode.l10n.t('Volumes and folders to mount: volume:/path or /folder:/path:ro.');
  if (declared.length === 0) return how;
  return `${how} ${vscode.l10n.t('The image keeps data in {0}.', declared.join(', '))}`;
}

async function askTerminal(title: string): Promise<boolean | undefined> {
  const pick = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('Show output'),
        detail: vscode.l10n.t('Standard output and errors'),
        tty: false,
      },
      {
        label: vscode.l10n.t('Interactive'),
        detail: vscode.l10n.t('A terminal with input, as -it does'),
        tty: true,
      },
    ],
    { title, ignoreFocusOut: true },
  );
  return pick?.tty;
}

/** Into the workspace's settings, for all who work there; a profile of that name is replaced. */
async function keep(profile: RunProfile): Promise<void> {
  const texts = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== ''));
  const others = setting('sampan.run.profiles').filter(
    ({ name, image }) => name !== profile.name || image !== profile.image,
  );
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration().update('sampan.run.profiles', [...others, texts], target);
}
