import type { AnswerWriter } from './answer-writer.ts';
import { asRecord, type DifyEvent } from './dify-event.ts';
import { shownValue } from './show-value.ts';

/**
 * The thoughts of an agent as steps. The same thought comes again as its fields fill, and its text is streamed as the
 * answer anyway, so only its tools are shown; the text counts where nothing was streamed.
 */
export function createAgentSteps(writer: AnswerWriter) {
  const thoughts = new Map<string, string>();

  return {
    take(event: DifyEvent): void {
      const id = event.id ?? `thought-${thoughts.size + 1}`;
      thoughts.set(id, event.thought ?? '');
      const tools = (event.tool ?? '').split(';').filter(Boolean);
      const input = shownValue(event.tool_input ?? '');
      const output = shownValue(event.observation ?? '');
      for (const [index, tool] of tools.entries()) {
        const blockId = `${id.slice(0, 100)}:${index}`;
        writer.endBlock();
        writer.step(blockId, { tool, title: titleOf(event, tool), input: ofTool(input, tool) });
        if (output !== '')
          writer.stepEnd(blockId, {
            output: ofTool(output, tool),
            isError: isToolError(ofTool(output, tool)),
          });
      }
    },
    end(): void {
      const last = [...thoughts.values()].findLast((thought) => thought !== '');
      if (writer.written === '' && last !== undefined) writer.text(last);
    },
  };
}

/** Inputs and observations of several tools come as one record by their names. */
function ofTool(value: unknown, tool: string): unknown {
  const record = asRecord(value);
  return record && tool in record ? shownValue(record[tool]) : value;
}

function isToolError(output: unknown): boolean {
  return typeof output === 'string' && /^tool (?:invoke|parameters|provider) .*error/i.test(output);
}

/** Labels come by tool and language. */
function titleOf(event: DifyEvent, tool: string): string {
  const label = asRecord(event.tool_labels)?.[tool];
  if (typeof label === 'string') return label;
  const english = asRecord(label)?.en_US;
  return typeof english === 'string' ? english : tool;
}
