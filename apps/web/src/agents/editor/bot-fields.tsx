import { PUBLIC_NAMESPACE } from '@wegent/api';
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf, readReference } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import { otherUsers, resolveIn } from '../draft/catalog.ts';
import { addDocuments, setBot } from '../draft/edit-members.ts';
import { isDifyModel } from '../draft/model-env.ts';
import { copyBot } from '../draft/names.ts';
import { nameOfObject } from '../draft/plan.ts';
import { problemsAt } from '../draft/problems.ts';
import { BotSelect } from './bot-select.tsx';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';
import { ModelField } from './model-field.tsx';
import { ModelFields } from './model-fields.tsx';
import { PersonaFields } from './persona-fields.tsx';
import { RuntimeField } from './runtime-field.tsx';
import { ShellFields } from './shell-fields.tsx';

/** The Bot of a member: runtime, model and persona. One that others use says so, and can be exchanged for a copy. */
export function BotFields({ bot, index }: { bot: AgentDocument; index: number }) {
  const { t } = useTranslation('agents');
  const { draft, scope, readOnly, problems, spaces, edit } = useEditorControls();
  const team = teamOf(draft);
  if (!team) return null;
  const key = keyOf(bot);
  const home = bot.metadata.namespace;
  const locked = readOnly || !spaces.canWrite(home);
  const part = (kind: 'Ghost' | 'Shell' | 'Model') => {
    const reference = readReference(bot.spec[`${kind.toLowerCase()}Ref`]);
    return reference && resolveIn(scope, kind, reference, home);
  };
  const ghost = part('Ghost');
  const shell = part('Shell');
  const model = part('Model');
  // What everybody uses is changed in the library, or here in an agent that everybody uses.
  const mine = ({ metadata: { namespace } }: AgentDocument) =>
    !readOnly && spaces.canWrite(namespace) && (namespace !== PUBLIC_NAMESPACE || home === PUBLIC_NAMESPACE);
  const botUsers = otherUsers(scope, key).map(nameOfObject);
  const ghostUsers = ghost ? otherUsers(scope, keyOf(ghost)).map(nameOfObject) : [];

  const copy = () =>
    edit((before) => {
      const parts = copyBot({ ...scope, draft: before }, bot, team.metadata.namespace);
      const own = parts.find(({ kind }) => kind === 'Bot');
      return own ? addDocuments(setBot(before, index, own.metadata), parts) : before;
    });
  const makeCopy = !readOnly && (
    <Button size="small" onClick={copy}>
      {t('form.makeCopy')}
    </Button>
  );
  return (
    <>
      <Field label={t('form.bot')} problems={problemsAt(problems, key, 'metadata')}>
        {(control) => <BotSelect control={control} index={index} value={key} />}
      </Field>
      {!readOnly && locked && (
        <Alert
          type="info"
          showIcon
          className="mb-5!"
          title={t('form.foreign', { space: home })}
          action={makeCopy}
        />
      )}
      {!locked && botUsers.length > 0 && (
        <Alert
          type="warning"
          showIcon
          className="mb-5!"
          title={t('form.sharedBy', { users: botUsers.join(', ') })}
          action={makeCopy}
        />
      )}
      <div className="grid items-start gap-x-4 sm:grid-cols-2">
        <RuntimeField bot={bot} locked={locked} />
        <ModelField bot={bot} locked={locked} />
      </div>
      {shell && mine(shell) && <ShellFields key={keyOf(shell)} shell={shell} locked={readOnly} />}
      {model && (mine(model) || isDifyModel(model)) && (
        <ModelFields key={keyOf(model)} model={model} locked={!mine(model)} />
      )}
      {!locked && botUsers.length === 0 && ghostUsers.length > 0 && (
        <Alert
          type="warning"
          showIcon
          className="mb-5!"
          title={t('form.personaSharedBy', { users: ghostUsers.join(', ') })}
          action={makeCopy}
        />
      )}
      {ghost ? (
        <PersonaFields ghost={ghost} locked={readOnly || !spaces.canWrite(ghost.metadata.namespace)} />
      ) : (
        <Field label={t('form.persona')} problems={problemsAt(problems, key, 'spec.ghostRef')}>
          {() => null}
        </Field>
      )}
    </>
  );
}
