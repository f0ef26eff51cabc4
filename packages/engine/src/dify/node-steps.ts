import type { ExecutionEvent } from '@wegent/api';
import type { AnswerWriter } from './answer-writer.ts';
import { type DifyEvent, numberIn, textIn } from './dify-event.ts';
import { shownValue } from './show-value.ts';
import type { UsageSum } from './usage.ts';

/** Nodes that only lead from one to the next. */
const CONTROL = new Set([
  'start',
  'end',
  'answer',
  'if-else',
  'assigner',
  'variable-assigner',
  'variable-aggregator',
  'iteration-start',
  'loop-start',
  'loop-end',
]);

/** The nodes of a workflow as steps; rounds of iterations and loops as phases. Unknown events are passed over. */
export function createNodeSteps({
  writer,
  usage,
  emit,
}: {
  writer: AnswerWriter;
  usage: UsageSum;
  emit: (event: ExecutionEvent) => void;
}) {
  function begin(data: Record<string, unknown>, type: string): void {
    writer.step(stepId(data), {
      tool: type,
      title: textIn(data, 'title') || type,
      input: shownValue(data.inputs),
    });
  }

  function end(data: Record<string, unknown>): void {
    const status = textIn(data, 'status');
    const isError = status !== '' && status !== 'succeeded' && status !== 'running';
    const seconds = numberIn(data, 'elapsed_time');
    writer.stepEnd(stepId(data), {
      output: isError ? textIn(data, 'error') || status : shownValue(data.outputs),
      isError,
      ...(seconds > 0 ? { durationMs: Math.round(seconds * 1000) } : {}),
    });
  }

  return {
    take({ event, data }: DifyEvent): void {
      const type = textIn(data, 'node_type') || 'node';
      const title = textIn(data, 'title') || type;
      switch (event) {
        case 'node_started':
          if (CONTROL.has(type)) emit({ type: 'phase', text: title });
          else begin(data, type);
          return;
        case 'node_finished':
          usage.ofNode(data);
          if (CONTROL.has(type)) return;
          // A run that was joined in its midst tells only the end of it.
          begin(data, type);
          end(data);
          return;
        case 'node_retry':
          emit({
            type: 'warning',
            code: 'StepRepeated',
            message: `The step “${title}” failed and is tried again: ${textIn(data, 'error').slice(0, 500) || 'no reason was given'}`,
          });
          return;
        case 'iteration_started':
        case 'loop_started':
          begin(data, event.startsWith('loop') ? 'loop' : 'iteration');
          return;
        case 'iteration_next':
        case 'loop_next':
          emit({ type: 'phase', text: `${title} ${numberIn(data, 'index') + 1}` });
          return;
        case 'iteration_completed':
        case 'loop_completed':
          begin(data, event.startsWith('loop') ? 'loop' : 'iteration');
          end(data);
          return;
        case 'agent_log':
          if (textIn(data, 'label') !== '')
            emit({ type: 'phase', text: textIn(data, 'label').slice(0, 200) });
          return;
        default:
          return;
      }
    },
  };
}

function stepId(data: Record<string, unknown>): string {
  return `node-${(textIn(data, 'id') || textIn(data, 'node_id')).slice(0, 150)}`;
}
