import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** What the smoke-test driver of VS Code puts on the page. */
interface Driver {
  readonly getTerminalBuffer: (selector: string) => Promise<readonly string[]>;
}

/** Resolves when what was wanted can be seen; rejects after so many milliseconds. */
export type Effect = (timeout: number) => Promise<void>;

/** The window of VS Code as a user sees it: what can be found and done there. */
export class Workbench {
  readonly page: Page;
  readonly #artifacts: string;
  #shots = 0;

  constructor(page: Page, artifacts: string) {
    this.page = page;
    this.#artifacts = artifacts;
  }

  /** Keeps what the screen shows now. */
  async screenshot(name: string): Promise<void> {
    const number = String(++this.#shots).padStart(2, '0');
    await this.page.screenshot({ path: join(this.#artifacts, `${number}-${name}.png`) });
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.#quickInput().fill(`>${title}`);
    await this.#choose(title);
  }

  /** Opens a file of the workspace. */
  async open(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.#quickInput().fill(name);
    await this.#choose(name);
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  }

  /** Takes back what was typed into the active editor since it was saved. */
  async revert(): Promise<void> {
    await this.page.locator('.tab.active.dirty').waitFor();
    await this.command('File: Revert File');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** Answers the quick input that is open. */
  async answer(text: string): Promise<void> {
    await this.#quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Shows the extension's views. */
  async openSideBar(): Promise<void> {
    const icon = this.page.locator('.activitybar .action-item:has(.action-label[aria-label^="Sampan"])');
    if ((await icon.getAttribute('aria-expanded')) !== 'true') await icon.click();
    await this.view('Containers').waitFor();
  }

  /** A view of the side bar by its title. */
  view(title: string): Locator {
    return this.page.locator(`.split-view-view:has(> .pane > .pane-header[aria-label^="${title}"])`);
  }

  /** Opens a view when it is collapsed. */
  async expand(title: string): Promise<void> {
    const header = this.view(title).locator('.pane-header');
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  /** Rows of a view whose accessible label matches: label, state, image. */
  row(view: string, label: RegExp): Locator {
    return this.view(view).getByRole('treeitem', { name: label });
  }

  /** Presses an icon that a row shows under the pointer, again until it has its effect. */
  async pressInline(row: Locator, action: string, effect: Effect): Promise<void> {
    await this.#until(effect, async timeout => {
      await row.hover({ timeout });
      await row.locator(`.actions .action-label[aria-label^="${action}"]`).click({ timeout });
    });
  }

  /** Chooses an item of a row's context menu. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    const menu = this.page.locator('.monaco-menu-container .monaco-menu');
    await menu.waitFor();
    const entry = menu.locator('.action-item', { hasText: item }).first();
    // VS Code ignores a click that comes right after the menu opened.
    while (await menu.isVisible()) {
      await entry.click({ timeout: 2000 }).catch(() => {});
      await menu.waitFor({ state: 'hidden', timeout: 500 }).catch(() => {});
    }
  }

  /** A modal dialog is open. */
  readonly asks: Effect = timeout => this.page.locator('.monaco-dialog-box').waitFor({ timeout });

  /** Answers a modal dialog and returns what it asked. */
  async confirm(button: string): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const text = (await dialog.locator('.dialog-message-text').textContent()) ?? '';
    await dialog.locator('.monaco-button', { hasText: button }).click();
    return text;
  }

  /** A notification by its text; the smoke-test driver suppresses toasts, so they are read in their centre. */
  async notification(text: RegExp): Promise<Locator> {
    const center = this.page.locator('.notifications-center');
    const found = center.locator('.notification-list-item', { hasText: text }).first();
    if (!(await center.isVisible())) await this.page.locator('#status\\.notifications').click();
    await found.waitFor({ timeout: 60_000 });
    // The bell's hover would lie over the buttons.
    await this.page.mouse.move(0, 0);
    await this.page.locator('.workbench-hover').waitFor({ state: 'hidden' });
    return found;
  }

  async closeNotifications(): Promise<void> {
    const center = this.page.locator('.notifications-center');
    if (await center.isVisible()) await this.page.locator('#status\\.notifications').click();
    await center.waitFor({ state: 'hidden' });
  }

  /** Waits until the active terminal shows the text, and returns all that it shows. */
  async terminal(text: RegExp): Promise<string> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const shown = await this.#terminalText();
      if (text.test(shown)) return shown;
      if (Date.now() > deadline) throw new Error(`The terminal shows no ${text}, but:\n${shown}`);
      // The driver has no event for a terminal's text.
      await this.page.waitForTimeout(100);
    }
  }

  /** The labels of all rows that the side bar shows. */
  async rows(): Promise<readonly string[]> {
    const rows = this.page.locator('.sidebar').getByRole('treeitem');
    return rows.evaluateAll(found => found.map(row => row.getAttribute('aria-label') ?? ''));
  }

  /** What VS Code asks or says right now: dialogs, quick inputs, notifications. */
  async questions(): Promise<readonly string[]> {
    const boxes = this.page.locator('.monaco-dialog-box, .quick-input-widget, .notification-list-item');
    return (await boxes.filter({ visible: true }).allInnerTexts()).map(text => `on screen: ${text}`);
  }

  /**
   * Acts until the effect is there. A press hits nothing when VS Code draws the row or its icons anew between press
   * and release; a person presses again.
   */
  async #until(effect: Effect, act: (timeout: number) => Promise<void>): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const problem = await failureOf(act(5000));
      const missing = await failureOf(effect(10_000));
      if (missing === undefined) return;
      if (Date.now() > deadline)
        throw new AggregateError([missing, problem], `${missing}\nPressing: ${problem}`);
    }
  }

  #terminalText(): Promise<string> {
    return this.page.evaluate(async () => {
      const { driver } = globalThis as unknown as { driver: Driver };
      // Rejects as long as there is no terminal.
      const lines = await driver.getTerminalBuffer('.terminal-wrapper.active').catch(() => []);
      return lines.join('\n').trimEnd();
    });
  }

  #quickInput(): Locator {
    return this.page.locator('.quick-input-widget input[type=text]').first();
  }

  async #choose(label: string): Promise<void> {
    await this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first()
      .click();
  }
}

function failureOf(done: Promise<unknown>): Promise<Error | undefined> {
  return done.then(
    () => undefined,
    error => error,
  );
}
