import type { Locator, Page } from 'playwright-core';
import { failureOf } from './failureOf.ts';

/** What the smoke-test driver of VS Code puts on the page. */
interface Driver {
  readonly getTerminalBuffer: (selector: string) => Promise<readonly string[]>;
}

interface Clipboard {
  readonly navigator: { readonly clipboard: { readonly readText: () => Promise<string> } };
}

/** Resolves when what was wanted can be seen; rejects after so many milliseconds. */
export type Effect = (timeout: number) => Promise<unknown>;

/** The views of the side bar, from the top. */
const views = ['Containers', 'Images', 'Volumes', 'Links', 'Builds', 'Step'];

/** The window of VS Code as a user sees it: what can be found and done there. */
export class Workbench {
  readonly page: Page;
  readonly #keepScreenshot: (name: string) => string;

  /** @param keepScreenshot gives the file for the screenshot of this name */
  constructor(page: Page, keepScreenshot: (name: string) => string) {
    this.page = page;
    this.#keepScreenshot = keepScreenshot;
  }

  /** Keeps what the screen shows now. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: this.#keepScreenshot(name) });
  }

  /**
   * Acts until the effect is there. A press hits nothing when VS Code draws what is pressed anew between press and
   * release, and a key is lost while the focus moves; a person presses again.
   */
  async until(effect: Effect, act: (timeout: number) => Promise<unknown>): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const problem = await failureOf(act(5000));
      const missing = await failureOf(effect(10_000));
      if (missing === undefined) return;
      if (Date.now() > deadline) throw new Error(`${missing}\nThe last press: ${problem ?? 'done'}`);
    }
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    await this.#quickOpen('F1', `>${title}`);
    await this.#choose(this.#quickWidget(), title);
  }

  /** Opens a file of the workspace. */
  async open(name: string): Promise<void> {
    const tab = this.page.locator(`.tab[data-resource-name="${name}"]`);
    await this.until(
      timeout => this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor({ timeout }),
      async timeout => {
        // The rows of the picker move while it still searches.
        if (await tab.isVisible()) return tab.click({ timeout });
        await this.#quickOpen('Control+P', name);
        await this.#choose(this.#quickWidget(), name);
      },
    );
  }

  /** Waits for a document whose name ends like this in the active editor, with such a text in view. */
  async showsDocument(name: string, text: RegExp): Promise<void> {
    const tab = this.page.locator(`.tab.active[data-resource-name$="${name}"]`).first();
    await tab.waitFor({ timeout: 60_000 });
    const lines = this.page.locator('.editor-instance .view-lines').first();
    await lines.filter({ hasText: text }).waitFor({ timeout: 30_000 });
  }

  /** Types at the end of the active editor. */
  async append(text: string): Promise<void> {
    const { keyboard } = this.page;
    await this.page.locator('.editor-instance .monaco-editor').first().click();
    await keyboard.press('Control+End');
    await keyboard.type(text);
    await this.page.locator('.tab.active.dirty').waitFor();
  }

  /** Takes back what was typed into the active editor since it was saved. */
  async revert(): Promise<void> {
    await this.page.locator('.tab.active.dirty').waitFor();
    await this.command('File: Revert File');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** Presses a lens above a line of the editor until it has its effect. */
  async pressLens(title: string, effect: Effect): Promise<void> {
    const lens = this.page.locator('.codelens-decoration a', { hasText: title }).first();
    await this.until(effect, timeout => lens.click({ timeout }));
  }

  /** Answers the quick input with this title. */
  async answer(title: string, text: string): Promise<void> {
    const widget = this.#quickWidget(title);
    await this.until(
      timeout => widget.waitFor({ state: 'hidden', timeout }),
      async timeout => {
        const input = widget.locator('input[type=text]').first();
        await input.fill(text, { timeout });
        await input.press('Enter', { timeout });
      },
    );
  }

  /**
   * Names a file in the file dialog with this title. The dialog reads a folder that is typed, and accepts what it has
   * read: `shown` is something that it then lists.
   */
  async answerPath(
    title: string,
    { folder, shown, name }: { readonly folder: string; readonly shown: string; readonly name: string },
  ): Promise<void> {
    const widget = this.#quickWidget(title);
    const input = widget.locator('input[type=text]').first();
    await this.until(
      timeout => widget.waitFor({ state: 'hidden', timeout }),
      async timeout => {
        await input.fill(`${folder}/`, { timeout });
        await this.picks(title).filter({ hasText: shown }).first().waitFor({ timeout });
        await input.fill(`${folder}/${name}`, { timeout });
        await input.press('Enter', { timeout });
      },
    );
  }

  /** Chooses from the quick input with this title. */
  pick(title: string, label: string): Promise<void> {
    return this.#choose(this.#quickWidget(title), label);
  }

  /** Presses OK in the quick input with this title, whose rows can be ticked; returns its title in full. */
  async accept(title: string): Promise<string> {
    const widget = this.#quickWidget(title);
    const full = (await widget.locator('.quick-input-title').textContent()) ?? '';
    await this.until(
      timeout => widget.waitFor({ state: 'hidden', timeout }),
      timeout => widget.locator('.quick-input-action .monaco-button').first().click({ timeout }),
    );
    return full;
  }

  /** Rows of the quick input with this title. */
  picks(title: string): Locator {
    return this.#quickWidget(title).locator('.quick-input-list .monaco-list-row');
  }

  /** Shows the extension's views. */
  async openSideBar(): Promise<void> {
    const icon = this.page.locator('.activitybar .action-item:has(.action-label[aria-label^="Sampan"])');
    await this.until(
      timeout => this.view('Containers').waitFor({ timeout }),
      async timeout => {
        if ((await icon.getAttribute('aria-expanded', { timeout })) !== 'true') await icon.click({ timeout });
      },
    );
  }

  /** A view of the side bar by its title. */
  view(title: string): Locator {
    return this.page.locator(`.split-view-view:has(> .pane > .pane-header[aria-label^="${title}"])`);
  }

  /** Opens a view when it is collapsed. */
  async expand(title: string): Promise<void> {
    const header = this.view(title).locator('.pane-header');
    await this.until(
      timeout => this.view(title).locator('.pane-header[aria-expanded=true]').waitFor({ timeout }),
      async timeout => {
        if ((await header.getAttribute('aria-expanded', { timeout })) === 'false')
          await header.click({ timeout });
      },
    );
  }

  /** Closes a view when it is there and open. */
  async collapse(title: string): Promise<void> {
    const open = this.view(title).locator('.pane-header[aria-expanded=true]');
    await this.until(
      timeout => open.waitFor({ state: 'detached', timeout }),
      async timeout => {
        if ((await open.count()) > 0) await open.click({ timeout });
      },
    );
  }

  /** Gives a view the room of all others: rows that are scrolled out of sight are not there for a driver. */
  async showOnly(title: string): Promise<void> {
    for (const view of views) if (view !== title) await this.collapse(view);
    await this.expand(title);
  }

  /** Chooses from what the title of a view offers: an icon, or an item of its menu. */
  async chooseFromTitle(view: string, item: string): Promise<void> {
    const title = this.view(view).locator('.pane-header');
    await title.hover();
    const icon = title.locator(`.action-label[aria-label^="${item}"]`);
    if (await icon.isVisible()) return icon.click();
    await this.until(
      timeout => this.#menu().waitFor({ timeout }),
      timeout => title.locator('.action-label.codicon-toolbar-more').click({ timeout }),
    );
    await this.chooseFromOpenMenu(item);
  }

  /** Rows of a view whose accessible label matches: label, state, image. */
  row(view: string, label: RegExp): Locator {
    return this.view(view).getByRole('treeitem', { name: label });
  }

  /** Expands a row until one below it is there. */
  async openRow(row: Locator, below: Locator): Promise<void> {
    const twistie = row.locator('.monaco-tl-twistie').first();
    await this.until(
      timeout => below.waitFor({ timeout }),
      async timeout => {
        if ((await row.getAttribute('aria-expanded', { timeout })) === 'false')
          await twistie.click({ timeout });
      },
    );
  }

  /** Waits for a fact that neither window nor command line tells of. */
  async eventually(fact: () => boolean): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const held = (() => {
        try {
          return fact();
        } catch {
          return false;
        }
      })();
      if (held) return;
      if (Date.now() > deadline) throw new Error(`It did not come to be: ${fact}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Presses an icon that a row shows under the pointer, again until it has its effect. */
  async pressInline(row: Locator, action: string, effect: Effect): Promise<void> {
    await this.until(effect, async timeout => {
      await row.hover({ timeout });
      await row.locator(`.actions .action-label[aria-label^="${action}"]`).click({ timeout });
    });
  }

  /** Presses a key on a row that is selected first. */
  async pressKey(row: Locator, key: string, effect: Effect): Promise<void> {
    await this.until(effect, async timeout => {
      await row.locator('.label-name').first().click({ timeout });
      await this.page.keyboard.press(key);
    });
  }

  /** Chooses an item of a row's context menu. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    const entry = this.#menu()
      .locator('.action-label', { hasText: exactly(item) })
      .first();
    // A menu that was opened before what its items depend on was known lacks some: then again.
    await this.until(
      () => entry.waitFor({ timeout: 2000 }),
      async () => {
        if (await this.#menu().isVisible()) await this.page.keyboard.press('Escape');
        await this.openMenu(row);
      },
    );
    await this.chooseFromOpenMenu(item);
  }

  /** Opens a row's context menu. A row that moves under the pointer gives it to its neighbour: then again. */
  async openMenu(row: Locator): Promise<void> {
    // VS Code focuses the row whose menu it opens.
    const focused = row.and(this.page.locator('.focused'));
    await this.until(
      async timeout => {
        await this.#menu().waitFor({ timeout });
        await focused.first().waitFor({ timeout: 1000 });
      },
      async timeout => {
        if (await this.#menu().isVisible()) await this.page.keyboard.press('Escape');
        await row.locator('.label-name').first().click({ button: 'right', timeout });
      },
    );
  }

  /** Chooses an item of the menu that is open. */
  async chooseFromOpenMenu(item: string): Promise<void> {
    const menu = this.#menu();
    const entry = menu.locator('.action-label', { hasText: exactly(item) });
    const deadline = Date.now() + 60_000;
    await menu.waitFor();
    // VS Code ignores a click that comes right after the menu opened.
    while (await menu.isVisible()) {
      if (Date.now() > deadline) throw new Error(`The menu has no ${item}: ${await menu.textContent()}`);
      await entry
        .first()
        .click({ timeout: 2000 })
        .catch(() => {});
      await menu.waitFor({ state: 'hidden', timeout: 500 }).catch(() => {});
    }
  }

  /** A modal dialog is open. */
  readonly asks: Effect = timeout => this.page.locator('.monaco-dialog-box').waitFor({ timeout });

  /** Answers a modal dialog and returns what it asked. */
  async confirm(button: string): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    // Without a detail the question itself is drawn as one.
    const message = dialog.locator('.dialog-message-text, .dialog-message-detail').first();
    const text = (await message.textContent()) ?? '';
    await this.until(
      timeout => dialog.waitFor({ state: 'detached', timeout }),
      timeout => dialog.locator('.monaco-button', { hasText: button }).click({ timeout }),
    );
    return text;
  }

  /** A notification by its text; the smoke-test driver suppresses toasts, so they are read in their centre. */
  async notification(text: RegExp): Promise<Locator> {
    const center = this.page.locator('.notifications-center');
    const found = center.locator('.notification-list-item', { hasText: text }).first();
    await this.until(
      timeout => center.waitFor({ timeout }),
      async timeout => {
        if (!(await center.isVisible()))
          await this.page.locator('#status\\.notifications').click({ timeout });
      },
    );
    await found.waitFor({ timeout: 60_000 });
    // The bell's hover would lie over the buttons.
    await this.page.mouse.move(0, 0);
    await this.page.locator('.workbench-hover').waitFor({ state: 'hidden' });
    return found;
  }

  /** Presses a button of a notification; it goes. */
  async pressInNotification(text: RegExp, button: string): Promise<void> {
    const found = await this.notification(text);
    await this.until(
      timeout => found.waitFor({ state: 'detached', timeout }),
      timeout => found.locator('.monaco-button', { hasText: button }).click({ timeout }),
    );
  }

  /** Waits for a notification and clears all of them. */
  async says(text: RegExp): Promise<void> {
    await this.notification(text);
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notifications-center').waitFor({ state: 'hidden' });
  }

  /** Waits until the active terminal shows the text, and returns all that it shows. */
  async terminal(text: RegExp): Promise<string> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const shown = await this.#terminalText();
      if (text.test(shown)) return shown;
      if (Date.now() > deadline) throw new Error(`The terminal shows no ${text}, but:\n${shown}`);
      // The driver has no event for a terminal's text.
      await this.page.waitForTimeout(100);
    }
  }

  /** The clipboard, once it holds such a text. */
  async clipboard(text: RegExp): Promise<string> {
    await this.page.bringToFront();
    const deadline = Date.now() + 30_000;
    for (;;) {
      const held = await this.#clipboardText();
      if (text.test(held)) return held;
      if (Date.now() > deadline) throw new Error(`The clipboard holds no ${text}, but: ${held}`);
      // The page has no event for what others write.
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

  #terminalText(): Promise<string> {
    return this.page.evaluate(async () => {
      const { driver } = globalThis as unknown as { driver: Driver };
      // Rejects as long as there is no terminal.
      const lines = await driver.getTerminalBuffer('.terminal-wrapper.active').catch(() => []);
      return lines.join('\n').trimEnd();
    });
  }

  #clipboardText(): Promise<string> {
    return this.page.evaluate(() => {
      const { navigator } = globalThis as unknown as Clipboard;
      return navigator.clipboard.readText();
    });
  }

  /** The quick input when it is open, with this in its title. */
  #quickWidget(title?: string): Locator {
    const open = this.page.locator('.quick-input-widget').filter({ visible: true });
    if (title === undefined) return open;
    return open.filter({ has: this.page.locator('.quick-input-title', { hasText: title }) });
  }

  async #quickOpen(key: string, text: string): Promise<void> {
    const input = this.#quickWidget().locator('input[type=text]').first();
    await this.until(
      timeout => input.waitFor({ timeout }),
      () => this.page.keyboard.press(key),
    );
    await input.fill(text);
  }

  async #choose(widget: Locator, label: string): Promise<void> {
    const row = widget
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: exactly(label) }) })
      .first();
    await row.waitFor();
    await this.until(
      timeout => row.waitFor({ state: 'hidden', timeout }),
      timeout => row.click({ timeout }),
    );
  }

  #menu(): Locator {
    return this.page.locator('.monaco-menu-container .monaco-menu');
  }
}

/** Matches the whole text of an element: what was typed is drawn in parts. */
function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
