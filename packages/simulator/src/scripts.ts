import { type Conversation, lastResults, offeredTools, type Tool } from './conversation.ts';
import { instanceOf } from './instance.ts';
import { type Marker, readCalls } from './markers.ts';
import type { Block } from './tokens.ts';

/** One call that a script wants; `forced` calls are made even when the tool is not offered. */
export interface Call {
  name: string;
  input: string;
  forced: boolean;
}

/** One turn of a script: blocks said, then tools called. The turn after the last call calls none. */
export interface Step {
  blocks: Block[];
  calls: Call[];
  /** The text of a `[[json …]]` in this step. */
  json: string | undefined;
}

/** A prompt's markers as steps, one per turn of the model; a prompt without any has one empty step. */
export function compileScript(markers: Marker[], conversation: Conversation): Step[] {
  const steps: Step[] = [emptyStep()];
  for (const marker of markers) {
    const step = steps.at(-1) ?? emptyStep();
    switch (marker.name) {
      case 'think':
        step.blocks.push({ type: 'reasoning', text: marker.argument });
        break;
      case 'say':
        step.blocks.push({ type: 'text', text: marker.argument });
        break;
      case 'json':
        step.json = marker.argument;
        break;
      case 'steps':
        steps.splice(-1, 1, ...toolTour(step, Number(marker.argument || 3), offeredTools(conversation)));
        break;
      case 'tool':
      case 'tool!':
      case 'tools-parallel':
        addCalls(step, marker);
        if (step.calls.length > 0) steps.push(emptyStep());
        break;
      default:
        break;
    }
  }
  return steps;
}

/** "The tool x returned: …" for each call of the step before. */
export function reportResults(calls: Call[], conversation: Conversation): string {
  const results = lastResults(conversation);
  return calls
    .map((call, index) => {
      const result = results[index];
      if (result === undefined) return `The tool ${call.name} gave no result.`;
      return `The tool ${call.name} ${result.isError ? 'failed' : 'returned'}: ${result.text}`;
    })
    .join('\n');
}

/** The offered tool that a script means: by its name, else by its name without an MCP server's prefix. */
export function findTool(name: string, tools: Tool[]): Tool | undefined {
  return tools.find((tool) => tool.name === name) ?? tools.find((tool) => tool.name.endsWith(`__${name}`));
}

function emptyStep(): Step {
  return { blocks: [], calls: [], json: undefined };
}

function addCalls(step: Step, marker: Marker): void {
  const calls = readCalls(marker.argument);
  if (calls === undefined) {
    const text = `I cannot read [[${marker.name} ${marker.argument}]]: wanted is a tool name and its input as a JSON object.`;
    step.blocks.push({ type: 'text', text });
    return;
  }
  step.calls.push(...calls.map((call) => ({ ...call, forced: marker.name === 'tool!' })));
}

/** `[[steps N]]`: think, say what comes, call; for the first N tools offered, with the smallest input each takes. */
function toolTour(first: Step, count: number, tools: Tool[]): Step[] {
  const chosen = tools.slice(0, count);
  const tour = chosen.map((tool, index): Step => {
    const label = `Step ${index + 1} of ${chosen.length}`;
    return {
      blocks: [
        { type: 'reasoning', text: `${label}: the tool ${tool.name} is next.` },
        { type: 'text', text: `${label}: I call ${tool.name}.` },
      ],
      calls: [{ name: tool.name, input: JSON.stringify(instanceOf(tool.schema, 'text')), forced: false }],
      json: undefined,
    };
  });
  const end =
    tour.length === 0 ? 'There are no steps to take: no tool is offered to me.' : 'All steps are done.';
  const steps = [...tour, { ...emptyStep(), blocks: [{ type: 'text' as const, text: end }] }];
  steps[0]?.blocks.unshift(...first.blocks);
  return steps;
}
