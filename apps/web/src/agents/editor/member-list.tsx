import { PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { keyOf, keyOfPlace, placeOfKey, titleOf } from '../draft/agent-document.ts';
import { membersOf, teamOf } from '../draft/agent-draft.ts';
import { documentsOfKind } from '../draft/catalog.ts';
import { addDocuments, addMember, withBot } from '../draft/edit-members.ts';
import { freeName } from '../draft/names.ts';
import { newBot } from '../draft/templates.ts';
import { useEditorControls } from './editor-context.tsx';
import { Section } from './field.tsx';
import { MemberCard } from './member-card.tsx';
import { ProblemLine } from './problem-line.tsx';
import { useMemberOrder } from './use-member-order.ts';

/** The members in their order. */
export function MemberList() {
  const { t } = useTranslation('agents');
  const { draft, problems } = useEditorControls();
  const { dragOf } = useMemberOrder();
  const team = teamOf(draft);
  if (!team) return null;
  const members = membersOf(draft);
  const own = problems.filter(({ key, field }) => key === keyOf(team) && field === 'spec.members');
  return (
    <Section title={t('form.members')} hint={t('form.membersHint')} actions={<AddMember />}>
      {members.length === 0 && <p className="text-muted">{t('form.noMembers')}</p>}
      {own.map((problem) => (
        <ProblemLine key={problem.code} problem={problem} />
      ))}
      <ol className="mt-2 flex flex-col gap-3">
        {members.map((member, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are written; the place is what stays.
          <li key={index}>
            <MemberCard member={member} index={index} count={members.length} drag={dragOf(index)} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function AddMember() {
  const { t } = useTranslation('agents');
  const { draft, scope, readOnly, edit, setOpen } = useEditorControls();
  const team = teamOf(draft);
  if (!team) return null;
  const count = membersOf(draft).length;
  const { namespace, name: teamName } = team.metadata;

  const addNew = () => {
    const taken = (candidate: string) =>
      ['Bot', 'Ghost'].some((kind) => {
        const key = keyOfPlace({ kind, namespace, name: candidate });
        return scope.catalog.objects.has(key) || draft.documents.some((document) => keyOf(document) === key);
      });
    const name = freeName(`${teamName === '' ? 'agent' : teamName}-${count + 1}`, taken);
    const title = t('form.newBotTitle');
    const parts = newBot({ name, namespace, title, prompt: '', shell: 'Chat', catalog: scope.catalog });
    edit((before) => addMember(addDocuments(before, parts), { namespace, name }, scope.catalog));
    setOpen(count, true);
  };
  const addExisting = (key: string) => {
    const bot = documentsOfKind(scope, 'Bot').find((document) => keyOf(document) === key);
    edit((before) => addMember(withBot(before, bot, scope), placeOfKey(key), scope.catalog));
    setOpen(count, true);
  };
  const bots = documentsOfKind(scope, 'Bot');
  return (
    <Dropdown
      autoFocus
      trigger={['click']}
      placement="bottomRight"
      disabled={readOnly}
      menu={{
        style: { maxHeight: 360, overflowY: 'auto' },
        items: [
          { key: 'new', icon: <PlusOutlined />, label: t('form.newBot'), onClick: addNew },
          { type: 'divider' },
          {
            type: 'group',
            key: 'bots',
            label: t('form.existingBots'),
            children: bots.map((bot) => ({
              key: keyOf(bot),
              label: `${titleOf(bot)} · ${bot.metadata.namespace}`,
              onClick: () => addExisting(keyOf(bot)),
            })),
          },
        ],
      }}
    >
      <Button icon={<PlusOutlined />} disabled={readOnly}>
        {t('form.addMember')}
      </Button>
    </Dropdown>
  );
}
