import type { Turn } from '../engine.ts';
import { RunFailure } from '../run-failure.ts';
import { buildInputs, SYSTEM_NAMES } from './build-inputs.ts';
import { buildQuery } from './build-query.ts';
import { type DifyApp, type DifyMode, isChat } from './dify-app.ts';
import type { DifyClient } from './dify-client.ts';
import type { DifyEvent } from './dify-event.ts';
import type { DifySettings } from './dify-settings.ts';
import { isConversationLost, isWrongMode } from './failures.ts';
import { repeatRefused } from './repeat-refused.ts';
import { uploadFiles } from './upload-files.ts';

/** A run that the server has taken. */
export interface OpenedRun {
  mode: DifyMode;
  stream: AsyncGenerator<DifyEvent>;
}

/**
 * Sends the message of a turn. A conversation that the server does not know any more is replaced by a new one, which is
 * told what was said before. Servers that do not tell the mode are tried as chat, workflow and completion.
 */
export async function openRun(given: {
  app: DifyApp;
  settings: DifySettings;
  client: DifyClient;
  turn: Turn;
  connection: AbortSignal;
  delaysMs: readonly number[];
}): Promise<OpenedRun> {
  const { app, settings, client, turn, delaysMs } = given;
  const { spec, signal } = turn;
  const appName = app.name || settings.endpoint.name;
  const sent = await uploadFiles({
    attachments: spec.input.attachments ?? [],
    app,
    params: settings.params,
    values: spec.options.inputs,
    appName,
    client,
    readBlob: turn.readBlob,
    signal,
  });
  for (const warning of sent.warnings) turn.emit({ type: 'warning', ...warning });

  const open = async (mode: DifyMode, session: typeof spec.session) => {
    // Only conversations have a past; a workflow gets what it is asked now.
    const past = isChat(mode) ? spec.history : [];
    const hasPlace = app.form.some(({ variable }) => SYSTEM_NAMES.includes(variable));
    const asked = { ...spec, history: past, ...(hasPlace ? { teamPrompt: '' } : {}) };
    const query = buildQuery({ spec: asked, knownUpTo: session?.after, asText: sent.asText });
    const names = (spec.input.attachments ?? []).map(({ name }) => name).join(', ');
    const text = query.text || names;
    const { inputs, warnings } = buildInputs({
      app: { ...app, mode },
      appName,
      params: settings.params,
      values: spec.options.inputs,
      message: isChat(mode) ? undefined : text,
      systemPrompt: spec.systemPrompt,
      fileValues: sent.fieldValues,
    });
    const body = bodyOf({ mode, inputs, text, session: session?.id, files: sent.files });
    const stream = await repeatRefused({ turn, delaysMs }, () =>
      client.stream({ path: PATHS[mode].run, body }, given.connection),
    );
    for (const warning of warnings) turn.emit({ type: 'warning', ...warning });
    if (query.dropped > 0)
      turn.emit({
        type: 'warning',
        code: 'HistoryTrimmed',
        message: `${query.dropped === 1 ? 'The oldest message was' : `The ${query.dropped} oldest messages were`} left out of what the new Dify conversation was told.`,
      });
    return { mode, stream };
  };

  const modes: readonly DifyMode[] = app.mode ? [app.mode] : ['chat', 'workflow', 'completion'];
  let first: unknown;
  for (const mode of modes) {
    try {
      return await open(mode, spec.session);
    } catch (cause) {
      signal.throwIfAborted();
      if (spec.session && isConversationLost(cause)) {
        const message =
          'Dify does not know the conversation any more, so a new one was begun and told what was said before.';
        turn.emit({ type: 'warning', code: 'ConversationLost', message });
        return await open(mode, undefined);
      }
      // What the form lacks for a chat may be what a workflow takes the message in.
      if (app.mode || !(isWrongMode(cause) || cause instanceof RunFailure)) throw first ?? cause;
      if (cause instanceof RunFailure || mode === modes.at(-1)) first ??= cause;
    }
  }
  throw first;
}

/** Where runs of a mode begin, and where they are stopped. */
export const PATHS: Record<DifyMode, { run: string; stop: (taskId: string) => string }> = {
  chat: chatPaths(),
  'agent-chat': chatPaths(),
  'advanced-chat': chatPaths(),
  agent: chatPaths(),
  workflow: { run: '/workflows/run', stop: (id) => `/workflows/tasks/${id}/stop` },
  completion: { run: '/completion-messages', stop: (id) => `/completion-messages/${id}/stop` },
};

function chatPaths() {
  return { run: '/chat-messages', stop: (id: string) => `/chat-messages/${id}/stop` };
}

function bodyOf(given: {
  mode: DifyMode;
  inputs: Record<string, unknown>;
  text: string;
  session: string | undefined;
  files: readonly object[];
}): Record<string, unknown> {
  const { mode, inputs, text, session, files } = given;
  const common = { response_mode: 'streaming', ...(files.length > 0 ? { files } : {}) };
  if (mode === 'workflow') return { inputs, ...common };
  if (mode === 'completion') return { inputs: { query: text, ...inputs }, query: text, ...common };
  return {
    inputs,
    query: text,
    ...common,
    ...(session === undefined ? {} : { conversation_id: session }),
    auto_generate_name: false,
  };
}
