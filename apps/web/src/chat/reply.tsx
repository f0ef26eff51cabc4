import { isBusy, type TaskMessage, type TaskView } from '@wegent/client';
import { App } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DecisionBar } from '../approvals/decision-bar.tsx';
import { Composer, type ComposerHandle, type Written } from './composer.tsx';
import { useConversation } from './conversation-context.tsx';
import { useInputs } from './inputs/use-inputs.tsx';
import { QueueChips } from './queue-chips.tsx';
import { useMentions } from './use-mentions.ts';

/** The foot of a conversation: what waits in the queue, and the box for the next message. */
export function Reply({ view }: { view: TaskView }) {
  const { t } = useTranslation('chat');
  const { message: toast } = App.useApp();
  const { session, isGroup, agent, attempt, extras } = useConversation();
  const enclosure = extras?.enclosure;
  const [editing, setEditing] = useState<TaskMessage>();
  const [stopping, setStopping] = useState(false);
  const composer = useRef<ComposerHandle>(null);
  const mentions = useMentions(view.task);
  const { taskId, spec } = view.task;
  const { team } = view.task;
  const before = view.messages.findLast(({ role, inputs }) => role === 'user' && inputs)?.inputs;
  const form = useInputs(team, before);
  const waiting = view.queued.filter(({ id }) => id !== editing?.id);

  const send = ({ message, attachments, modelOverride, steer }: Written): boolean => {
    const edited = editing && view.queued.find(({ id }) => id === editing.id);
    setEditing(undefined);
    if (edited) {
      attempt(() => session.editQueued(edited.id, message));
      return true;
    }
    const given = steer ? { files: [] } : form.collect();
    if (!given) return false;
    // A refusal is shown beside the message.
    void session.send({
      message: enclosure ? enclosure.compose(message) : message,
      attachments: [...attachments, ...given.files],
      ...(given.inputs ? { options: { inputs: given.inputs } } : {}),
      ...(modelOverride ? { modelOverride } : {}),
      ...(steer ? { whenBusy: 'steer' as const } : {}),
    });
    enclosure?.clear();
    form.sent();
    return true;
  };
  const stop = () => {
    if (stopping) return;
    setStopping(true);
    composer.current?.focus();
    attempt(async () => {
      try {
        const { outcome } = await session.cancel();
        if (outcome === 'already-finished') void toast.info(t('alreadyFinished'));
      } finally {
        setStopping(false);
      }
    });
  };
  return (
    <div className="mx-auto w-full max-w-[800px] flex-none px-4 pb-[max(12px,env(safe-area-inset-bottom))]">
      <QueueChips
        messages={waiting}
        onEdit={(message) => {
          setEditing(message);
          composer.current?.setText(message.text);
        }}
      />
      <DecisionBar messages={view.messages} />
      {editing && <p className="px-1 pb-1 text-[13px] text-muted">{t('queue.editing')}</p>}
      <Composer
        draftKey={taskId}
        handle={composer}
        placeholder={t(isGroup ? 'placeholder.group' : 'placeholder.reply', { name: agent.name })}
        busy={isBusy(view)}
        stopping={stopping}
        model={spec.modelOverride}
        mentions={isGroup ? mentions : []}
        canSteer={extras?.canSteer ?? false}
        enclosed={editing ? 0 : (enclosure?.count ?? 0)}
        above={
          <>
            {!editing && form.card}
            {enclosure?.chip}
          </>
        }
        onStop={stop}
        onSend={send}
      />
    </div>
  );
}
