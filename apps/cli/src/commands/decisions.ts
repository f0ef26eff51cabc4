import type { Interface } from 'node:readline/promises';
import { ApiError, type Block, type Message } from '@wegent/api';
import type { ApiClient } from '@wegent/client';
import { openDecisions } from '../conversation.ts';
import { printable } from '../output/printable.ts';

/** What happens with approvals: a person is asked, or one answer holds for all. */
export const APPROVAL_POLICIES = ['ask', 'allow', 'deny'] as const;
export type ApprovalPolicy = (typeof APPROVAL_POLICIES)[number];

/**
 * Answers what agents ask, each once. `ask` needs a terminal; without one a question is answered with nothing and an
 * approval is denied, because a job that nobody watches would wait for ever.
 */
export function createDecider(options: {
  api: ApiClient;
  policy: ApprovalPolicy;
  terminal: Interface | undefined;
  notes: (line: string) => void;
}) {
  const { api, terminal, notes } = options;
  const seen = new Set<string>();
  let queue: Promise<unknown> = Promise.resolve();

  async function decide(block: Block): Promise<void> {
    const { executionId, blockId } = block;
    if (block.type === 'approval') {
      const decision = await approve(block.title, block.reason);
      await ignoreDecided(api.approvals.decide(blockId, { decision }, { executionId }));
    }
    if (block.type === 'question') {
      const answers: Record<string, string> = {};
      for (const question of block.questions) {
        const choices = question.options?.map(({ value }) => value).join(' | ');
        notes(`? ${printable(question.text)}${choices === undefined ? '' : ` [${choices}]`}`);
        answers[question.id] = (await terminal?.question('answer: ')) ?? '';
      }
      await ignoreDecided(api.approvals.answer(blockId, answers, { executionId }));
    }
  }

  async function approve(title: string, reason: string): Promise<'allow' | 'deny'> {
    const asked = `? ${printable(title)}${reason === '' ? '' : ` (${printable(reason)})`}`;
    if (options.policy !== 'ask') {
      notes(`${asked}: ${options.policy}`);
      return options.policy;
    }
    if (!terminal) {
      notes(`${asked}: deny, as nobody is at a terminal; --approve allow would allow it`);
      return 'deny';
    }
    notes(asked);
    const word = (await terminal.question('allow? [y/N] ')).trim().toLowerCase();
    return word === 'y' || word === 'yes' ? 'allow' : 'deny';
  }

  return {
    /** Answers what of a message waits; a failure reaches `onError`. */
    handle(message: Message, onError: (error: unknown) => void): void {
      for (const block of openDecisions(message)) {
        if (seen.has(block.blockId)) continue;
        seen.add(block.blockId);
        queue = queue.then(() => decide(block)).catch(onError);
      }
    },
  };
}

/** Somebody else, in the browser perhaps, was faster. */
async function ignoreDecided(decision: Promise<unknown>): Promise<void> {
  await decision.catch((error) => {
    if (!(error instanceof ApiError && error.reason === 'Conflict')) throw error;
  });
}
