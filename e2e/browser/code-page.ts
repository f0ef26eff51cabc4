import { waitFor } from '@wegent/testing';
import type { Locator } from 'playwright-core';
import type { AppPage } from './app-page.ts';

/** The panels beside the conversation of a coding task. */
export type PanelName = 'changes' | 'files' | 'logs' | 'terminal' | 'details';

/** What is filled in for a new coding task. */
export interface NewCodeTask {
  /** Its address, or words to find it by. */
  repository: string;
  branch?: string;
  agent?: string;
  message: string;
}

/** A tab with the code page in it, in the words of its screens. */
export type CodePage = ReturnType<typeof createCodePage>;

/** Wraps a tab of the product. */
export function createCodePage(app: AppPage) {
  const { page } = app;
  const id = (name: string) => page.getByTestId(name);

  const code = {
    ...app,
    approval: id('approval'),
    approveOnce: id('approve-once'),
    decided: id('approval-decided'),
    decisionBar: id('decision-bar'),
    /** The step that comes next: commit, push, create or view a pull request. */
    finish: id('finish'),
    panel: id('side-panel'),
    fileDiffs: id('file-diff'),
    reviewChip: id('review-chip'),
    terminal: id('terminal'),
    turnFiles: id('turn-files'),
    tools: id('tool'),

    async openNewCode(): Promise<void> {
      await page.goto('/code');
      await app.composer.waitFor();
    },
    async openCode(taskId: string): Promise<void> {
      await page.goto(`/code?task=${taskId}`);
      await app.answers.first().waitFor();
    },
    /** Types into a field with a list and takes what the list offers for it. */
    async choose(field: 'repository' | 'branch' | 'agent', text: string): Promise<void> {
      const select = id(field);
      await select.click();
      await select.getByRole('combobox').fill(text);
      await page
        .locator('.ant-select-dropdown:visible .ant-select-item-option')
        .filter({ hasText: text })
        .first()
        .click();
    },
    /** Fills in what the start asks for. */
    async fillIn({ repository, branch, agent }: Omit<NewCodeTask, 'message'>): Promise<void> {
      await code.choose('repository', repository);
      if (branch !== undefined) await code.choose('branch', branch);
      if (agent !== undefined) await code.choose('agent', agent);
    },
    /** Starts a coding task and answers its id. */
    async begin({ message, ...fields }: NewCodeTask): Promise<string> {
      await code.openNewCode();
      await code.fillIn(fields);
      await app.send(message);
      return app.taskId();
    },
    /** Waits until the agent of a new task has begun to answer. */
    async untilBegun(): Promise<void> {
      await app.answers.first().waitFor({ timeout: AGENT_MS });
    },
    /** Waits until the newest answer has settled: sandbox and agent start first. */
    untilSettled: () => app.untilSettled({ timeout: AGENT_MS }),
    async openPanel(name: PanelName): Promise<Locator> {
      const toggle = id(`panel-${name}`);
      if ((await toggle.getAttribute('aria-pressed')) !== 'true') await toggle.click();
      await toggle.and(page.locator('[aria-pressed="true"]')).waitFor();
      return code.panel;
    },
    /** Closes the panel that was remembered, if one was. */
    async closePanel(): Promise<void> {
      for (const close of await code.panel.locator('header button').all()) await close.click();
      await code.panel.waitFor({ state: 'detached' });
    },
    /** The changes of one file in the open panel. */
    diffOf: (path: string): Locator => code.fileDiffs.and(page.getByLabel(path, { exact: true })),
    /** The button that begins a comment on a line. */
    gutter: (path: string, line: number): Locator =>
      code
        .diffOf(path)
        .getByRole('button', { name: `Comment on line ${line}`, exact: true })
        .last(),
    /** Waits until an approval is asked for whose card shows these words. */
    async untilAsked(words: string | RegExp = ''): Promise<Locator> {
      await code.approval.filter({ hasText: words }).waitFor({ timeout: AGENT_MS });
      return code.approval;
    },
    /** A tool call of the newest answer, by words of its line; opened, also out of the fold. */
    async step(words: string | RegExp): Promise<Locator> {
      const step = app.answers.last().getByTestId('tool').filter({ hasText: words }).first();
      await code.unfolded(step, () => isOpen(step));
      return step;
    },
    /** Waits for something in the newest answer that may be folded away, or be so any moment. */
    async unfolded(wanted: Locator, and: () => Promise<boolean> = async () => true): Promise<void> {
      const fold = app.answers.last().getByTestId('worked').first();
      const look = async () => {
        if ((await fold.count()) > 0 && !(await isOpen(fold))) return false;
        return (await wanted.isVisible()) && (await and());
      };
      await waitFor(look, { what: `what the steps of the answer show: ${wanted}`, timeoutMs: 30_000 });
    },
  };
  return code;
}

/** What somebody reads there, each row on a line. */
export async function textOf(shown: Locator): Promise<string> {
  return (await shown.allInnerTexts()).join('\n');
}

/** Is a step open? Otherwise it is clicked, and will be at the next look. */
async function isOpen(step: Locator): Promise<boolean> {
  const line = step.getByRole('button').first();
  if ((await line.getAttribute('aria-expanded', SOON)) === 'true') return true;
  await line.click(SOON);
  return false;
}

/** What sandbox and agent may take on a machine that has much else to do. */
const AGENT_MS = 120_000;
/** What is folded away meanwhile is looked for again, not waited for. */
const SOON = { timeout: 1_000 };
