import type { ExecutionEvent, ModelPricing } from '@wegent/api';
import { createAgentSteps } from './agent-steps.ts';
import { createAnswerWriter } from './answer-writer.ts';
import type { DifyMode } from './dify-app.ts';
import { asRecord, type DifyEvent, numberIn, recordIn, textIn } from './dify-event.ts';
import { DifyFault } from './dify-fault.ts';
import { formOf, type HumanForm } from './human-input.ts';
import { createNodeSteps } from './node-steps.ts';
import { isFindable, type RunIds, type RunPlace, withIds } from './run-ids.ts';
import { fileLink, outputsText, shownValue } from './show-value.ts';
import { createUsageSum } from './usage.ts';

/** What a stream has come to: more to follow, the answer is whole, or people must fill in a form. */
export type StreamState = 'more' | 'whole' | 'paused';

/** Turns the events of one Dify run into ours. */
export type EventMapper = ReturnType<typeof createEventMapper>;

/** Makes the mapper of a run; `resumed` is where an attempt before was. */
export function createEventMapper({
  mode,
  baseUrl,
  pricing,
  emit,
  resumed,
}: {
  mode: DifyMode;
  baseUrl: string;
  pricing: ModelPricing | undefined;
  emit: (event: ExecutionEvent) => void;
  resumed?: RunPlace | undefined;
}) {
  const writer = createAnswerWriter(emit, resumed?.blocks);
  const usage = createUsageSum(pricing);
  const agent = createAgentSteps(writer);
  const nodes = createNodeSteps({ writer, usage, emit });
  let ids: RunIds = resumed?.ids ?? {};
  let session: string | undefined;
  let selector = '';
  let hasDeltas = false;
  const seen = { message: false, workflow: false };
  let forms: HumanForm[] = [];
  const links = new Set<string>();

  function addLinks(files: unknown): void {
    for (const file of Array.isArray(files) ? files : []) {
      const link = fileLink(file, baseUrl);
      if (link === '' || links.has(link)) continue;
      links.add(link);
      writer.endBlock();
      writer.text(link);
      writer.endBlock();
    }
  }

  function replace(text: string, reason: string): void {
    writer.replace(text);
    const why = reason === '' ? '' : ` (${reason.slice(0, 200)})`;
    emit({ type: 'warning', code: 'AnswerReplaced', message: `Dify replaced the answer${why}.` });
  }

  function endOfMessage(event: DifyEvent): void {
    seen.message = true;
    usage.ofMessage(event.metadata);
    agent.end();
    addLinks(event.files);
    const sources = event.metadata?.retriever_resources;
    if (Array.isArray(sources) && sources.length > 0) {
      writer.step('sources', { tool: 'knowledge-retrieval', title: 'Sources', input: {} });
      writer.stepEnd('sources', { output: shownValue(sources), isError: false });
    }
  }

  function endOfWorkflow(data: Record<string, unknown>): void {
    seen.workflow = true;
    usage.ofWorkflow(data);
    const status = textIn(data, 'status');
    if (status === 'failed' || status === 'exception')
      throw new DifyFault({ code: 'workflow_failed', message: textIn(data, 'error') });
    if (status === 'stopped')
      throw new DifyFault({ code: 'workflow_stopped', message: textIn(data, 'error') });
    if (status === 'partial-succeeded') {
      const count = numberIn(data, 'exceptions_count');
      emit({
        type: 'warning',
        code: 'PartlyFailed',
        message: `${count === 1 ? 'One step' : `${count || 'Some'} steps`} of the workflow failed; it went on without them.`,
      });
    }
    const outputs = recordIn(data, 'outputs');
    const text =
      mode === 'workflow'
        ? outputsText(outputs, writer.written)
        : writer.written === ''
          ? textIn(outputs, 'answer')
          : '';
    if (text !== '') {
      writer.endBlock();
      writer.text(text);
    }
    addLinks(data.files);
  }

  function apply(event: DifyEvent): void {
    const { data } = event;
    switch (event.event) {
      case 'message':
        // Agent applications of 1.16 close with the whole answer.
        if (mode === 'agent' && hasDeltas) return;
        writer.text(event.answer ?? '');
        return;
      case 'agent_message':
        hasDeltas ||= (event.answer ?? '') !== '';
        writer.text(event.answer ?? '');
        return;
      case 'text_chunk': {
        const next = JSON.stringify(data.from_variable_selector ?? '');
        if (selector !== '' && next !== selector) writer.endBlock();
        selector = next;
        writer.text(textIn(data, 'text'));
        return;
      }
      case 'reasoning_chunk':
        writer.reasoning(textIn(data, 'reasoning'));
        return;
      case 'message_replace':
        replace(event.answer ?? '', event.reason ?? '');
        return;
      case 'text_replace':
        replace(textIn(data, 'text'), '');
        return;
      case 'agent_thought':
        agent.take(event);
        return;
      case 'message_file':
        if (event.belongs_to !== 'user') addLinks([{ url: event.url }]);
        return;
      case 'message_end':
        endOfMessage(event);
        return;
      case 'workflow_started':
        emit({ type: 'phase', text: 'Workflow started' });
        return;
      case 'workflow_finished':
        endOfWorkflow(data);
        return;
      case 'human_input_required':
        forms.push(formOf(data));
        return;
      case 'error':
        throw new DifyFault({
          status: typeof event.status === 'number' ? event.status : undefined,
          code: event.code,
          message: event.message,
        });
      default:
        nodes.take(event);
    }
  }

  /** Both ends of a chatflow may come in either order. */
  function isWhole(): boolean {
    if (mode === 'workflow') return seen.workflow;
    return mode === 'advanced-chat' ? seen.message && seen.workflow : seen.message;
  }

  return {
    /** Throws a DifyFault when the event tells of a failure. */
    take(event: DifyEvent): StreamState {
      ids = withIds(ids, event);
      if (ids.conversationId !== undefined && ids.conversationId !== session) {
        session = ids.conversationId;
        emit({ type: 'session', id: session });
      }
      apply(event);
      if (event.event === 'workflow_paused') return 'paused';
      return isWhole() ? 'whole' : 'more';
    },
    /** Puts the final text in place of what was written, if that is another one. */
    settle(text: string): void {
      if (writer.written.trim() !== text.trim()) writer.replace(text);
    },
    /** Ends what is open and books what was used; once. */
    end(): void {
      writer.end();
      const total = usage.total();
      if (total) emit({ type: 'usage', ...total });
    },
    /** Only closes the text, after a failure: steps that are open have failed with the run. */
    breakOff(): void {
      writer.endBlock();
      const total = usage.total();
      if (total) emit({ type: 'usage', ...total });
    },
    /** Forms that people were asked to fill in since the last call. */
    takeForms(): HumanForm[] {
      const taken = forms;
      forms = [];
      return taken;
    },
    get place(): RunPlace {
      return { ids, blocks: writer.blocks };
    },
    get canBeFound(): boolean {
      return isFindable(ids);
    },
    /** Has one of the ends been seen? */
    get isNearlyWhole(): boolean {
      return seen.message || seen.workflow;
    },
    get hasWritten(): boolean {
      return writer.written !== '';
    },
    endOfMessage: (answer: Record<string, unknown>) =>
      usage.ofMessage({ usage: asRecord(answer.usage) ?? tokensOf(answer) }),
    endOfWorkflow,
  };
}

/** Messages of the history name the same figures otherwise. */
function tokensOf(message: Record<string, unknown>): Record<string, unknown> {
  return {
    prompt_tokens: message.message_tokens,
    completion_tokens: message.answer_tokens,
    total_price: message.total_price,
    currency: message.currency,
  };
}
