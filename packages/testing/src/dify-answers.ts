/** Modes of applications, as `/info` names them. */
export type FakeDifyMode = 'chat' | 'agent-chat' | 'advanced-chat' | 'agent' | 'workflow' | 'completion';

/**
 * A piece of a stream: an event (the ids of the run are added), raw bytes, a ping, a wait for something, until
 * somebody stops the run, or the connection cut in its midst.
 */
export type DifyStep =
  | { event: string; [field: string]: unknown }
  | { raw: string }
  | 'ping'
  | 'cut'
  | 'until-stopped'
  | (() => Promise<unknown>);

/** What a run of the fake is called, and what was asked. */
export interface DifyRun {
  mode: FakeDifyMode;
  taskId: string;
  messageId: string;
  conversationId: string;
  workflowRunId: string;
  query: string;
  inputs: Record<string, unknown>;
  user: string;
  /** Queries of the conversation so far, this one too. */
  said: readonly string[];
  /** Names of the files that came with it. */
  files: readonly string[];
}

/** What an application of each mode sends when it answers `text`, in the documented order. */
export function usualSteps(run: DifyRun, text: string): DifyStep[] {
  const words = text.match(/\S+\s*|\s+/g) ?? [];
  const end = {
    event: 'message_end',
    id: run.messageId,
    metadata: { usage: USAGE, retriever_resources: [] },
  };
  switch (run.mode) {
    case 'chat':
    case 'completion':
      return [...words.map((answer) => ({ event: 'message', id: run.messageId, answer })), end];
    case 'agent-chat':
      return [
        { event: 'agent_thought', ...thought(1) },
        ...words.map((answer) => ({ event: 'agent_message', id: run.messageId, answer })),
        { event: 'agent_thought', ...thought(1), thought: text },
        end,
      ];
    case 'agent':
      return [
        ...words.map((answer) => ({ event: 'agent_message', id: run.messageId, answer })),
        { event: 'message', id: run.messageId, answer: text },
        end,
      ];
    case 'advanced-chat':
      return [
        workflowStarted(run),
        ...node('node-1', 'start', 'Start'),
        nodeStarted('node-2', 'llm', 'LLM'),
        ...words.map((answer) => ({ event: 'message', id: run.messageId, answer })),
        nodeFinished('node-2', 'llm', 'LLM', { outputs: { text } }),
        ...node('node-3', 'answer', 'Answer'),
        end,
        workflowFinished(run, { outputs: { answer: text } }),
      ];
    case 'workflow':
      return [
        workflowStarted(run),
        ...node('node-1', 'start', 'Start'),
        nodeStarted('node-2', 'llm', 'LLM'),
        ...words.map((word) => ({
          event: 'text_chunk',
          data: { text: word, from_variable_selector: ['llm', 'text'] },
        })),
        nodeFinished('node-2', 'llm', 'LLM', { outputs: { text } }),
        workflowFinished(run, { outputs: { text } }),
      ];
    default:
      return run.mode satisfies never;
  }
}

/** What a model of 100 input and 20 output tokens cost. */
export const USAGE = {
  prompt_tokens: 100,
  prompt_unit_price: '0.001',
  prompt_price_unit: '0.001',
  prompt_price: '0.0001',
  completion_tokens: 20,
  completion_unit_price: '0.002',
  completion_price_unit: '0.001',
  completion_price: '0.00004',
  total_tokens: 120,
  total_price: '0.00014',
  currency: 'USD',
  latency: 0.5,
};

/** `workflow_started`. */
export function workflowStarted(run: Pick<DifyRun, 'workflowRunId' | 'inputs'>): DifyStep {
  const data = { id: run.workflowRunId, workflow_id: 'workflow-1', inputs: run.inputs, reason: 'initial' };
  return { event: 'workflow_started', data };
}

/** `workflow_finished`, succeeded unless `change` says otherwise. */
export function workflowFinished(
  run: Pick<DifyRun, 'workflowRunId'>,
  change: Record<string, unknown> = {},
): DifyStep {
  return {
    event: 'workflow_finished',
    data: {
      id: run.workflowRunId,
      workflow_id: 'workflow-1',
      status: 'succeeded',
      outputs: {},
      error: null,
      elapsed_time: 1.5,
      total_tokens: 120,
      total_steps: 3,
      exceptions_count: 0,
      files: [],
      ...change,
    },
  };
}

/** `node_started`. */
export function nodeStarted(id: string, type: string, title: string, change: object = {}): DifyStep {
  return {
    event: 'node_started',
    data: { id, node_id: `${id}-id`, node_type: type, title, index: 1, inputs: {}, extras: {}, ...change },
  };
}

/** `node_finished`, succeeded unless `change` says otherwise. */
export function nodeFinished(id: string, type: string, title: string, change: object = {}): DifyStep {
  return {
    event: 'node_finished',
    data: {
      id,
      node_id: `${id}-id`,
      node_type: type,
      title,
      index: 1,
      inputs: {},
      outputs: {},
      process_data: null,
      status: 'succeeded',
      error: null,
      elapsed_time: 0.25,
      execution_metadata: null,
      files: [],
      ...change,
    },
  };
}

function node(id: string, type: string, title: string): DifyStep[] {
  return [nodeStarted(id, type, title), nodeFinished(id, type, title)];
}

function thought(position: number): Record<string, unknown> {
  return {
    id: `thought-${position}`,
    position,
    thought: '',
    observation: '',
    tool: '',
    tool_labels: {},
    tool_input: '',
    message_files: [],
  };
}
