import { UserOutlined } from '@ant-design/icons';
import { CollaborationModel } from '@wegent/api';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMedia } from '../../theme/use-media.ts';
import { titleOf } from '../draft/agent-document.ts';
import { membersOf, teamOf } from '../draft/agent-draft.ts';
import { AgentFields } from './agent-fields.tsx';
import { CanvasEdges } from './canvas-edges.tsx';
import { layoutOf, NODE } from './canvas-layout.ts';
import { CanvasMemberNode } from './canvas-member-node.tsx';
import { useEditorControls } from './editor-context.tsx';
import { MemberCard } from './member-card.tsx';
import { ModePicker } from './mode-picker.tsx';

/** Half of the `size-11` below. */
const PERSON_RADIUS = 22;

/** The draft as a drawing of its members and how they work together; what is selected is edited below. */
export function CanvasView() {
  const { t } = useTranslation('agents');
  const { draft, setOpen } = useEditorControls();
  const wide = useMedia('(min-width: 1024px)');
  const middle = useMedia('(min-width: 640px)');
  const [selected, setSelected] = useState<number | 'team'>();
  const team = teamOf(draft);
  if (!team) return null;
  const members = membersOf(draft);
  const said = CollaborationModel.safeParse(team.spec.collaborationModel ?? 'solo');
  const mode = said.success ? said.data : 'solo';
  const layout = layoutOf(
    mode,
    members.map(({ role, requireConfirmation }) => ({
      leader: role === 'leader',
      gate: requireConfirmation === true,
    })),
    wide ? 3 : middle ? 2 : 1,
  );
  const member = typeof selected === 'number' ? members[selected] : undefined;
  return (
    <div className="flex flex-col">
      <div className="bg-[radial-gradient(var(--wg-line)_1px,transparent_1px)] bg-size-[18px_18px] p-4">
        <section
          aria-label={t('canvas.label', { name: titleOf(team) })}
          className="mx-auto w-fit max-w-full rounded-2xl border border-accent-line bg-raised"
        >
          <button
            type="button"
            aria-pressed={selected === 'team'}
            className="flex w-full cursor-pointer items-center gap-2 rounded-t-2xl border-b border-line px-4 py-2 text-left hover:bg-hover"
            onClick={() => setSelected('team')}
          >
            <span className="min-w-0 truncate font-medium">{titleOf(team)}</span>
            <span className="flex-none text-[13px] text-muted">{t(`mode.${mode}`)}</span>
          </button>
          {members.length === 0 && <p className="p-6 text-muted">{t('form.noMembers')}</p>}
          <div className="overflow-x-auto">
            <div className="relative" style={{ width: layout.width, height: layout.height }}>
              <CanvasEdges layout={layout} node={NODE} person={PERSON_RADIUS} />
              {layout.nodes.map((node) =>
                node.member === undefined ? (
                  <span
                    key={node.id}
                    title={t('canvas.user')}
                    style={{ left: node.x - 22, top: node.y - 22 }}
                    className="absolute grid size-11 place-items-center rounded-full border border-line-strong bg-sunken text-muted"
                  >
                    <UserOutlined aria-hidden="true" />
                    <span className="sr-only">{t('canvas.user')}</span>
                  </span>
                ) : (
                  <CanvasMemberNode
                    key={node.id}
                    node={node}
                    member={members[node.member] ?? {}}
                    index={node.member}
                    selected={selected === node.member}
                    onSelect={(index) => {
                      setSelected(index);
                      setOpen(index, true);
                    }}
                  />
                ),
              )}
            </div>
          </div>
        </section>
      </div>
      <div className="mx-auto w-full max-w-[860px] px-4 py-5 sm:px-6">
        {selected === 'team' && (
          <>
            <AgentFields />
            <ModePicker />
          </>
        )}
        {member && typeof selected === 'number' && (
          <MemberCard
            key={selected}
            member={member}
            index={selected}
            count={members.length}
            onPlaced={setSelected}
          />
        )}
        {selected === undefined && <p className="text-center text-muted">{t('canvas.pick')}</p>}
      </div>
    </div>
  );
}
