import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

export interface Setting {
  readonly workbench: Workbench;
  /** Runs the command line on the same state and returns what it printed. */
  readonly sampan: (args: readonly string[]) => string;
  /** Opens a second window on the same folder, with a server of its own. */
  readonly openWindow: () => Promise<Workbench>;
  /** The folder that the windows have open: a copy of the sample. */
  readonly workspace: string;
  /** For files of the steps; goes when the run is over. */
  readonly folder: string;
}

export interface Step {
  readonly title: string;
  readonly run: (setting: Setting) => Promise<void>;
}

/**
 * What a person does, in this order: each step begins where the last one ended. A chapter begins with no container, no
 * open editor and the sample as it is, whatever became of the one before.
 */
export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Rows of containers of an image in a state: `running`, `exited with code 137`. */
export function containerRow(workbench: Workbench, state: string, image: string): Locator {
  return workbench.row('Containers', new RegExp(`, ${state}, ${image}`)).first();
}

/** The row of the sample's container while it runs. */
export function running(workbench: Workbench): Locator {
  return containerRow(workbench, 'running', 'sample:latest');
}
