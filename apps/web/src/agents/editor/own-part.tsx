import { Alert, Collapse } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf, titleOf } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import { otherUsers } from '../draft/catalog.ts';
import { nameOfObject } from '../draft/plan.ts';
import { problemsAt } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';

/** The Model or Shell of a Bot, to be edited in place; folded as long as nothing is wrong with it. */
export function OwnPart({
  part,
  title,
  unfolded = false,
  children,
}: {
  part: AgentDocument;
  title: string;
  unfolded?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation('agents');
  const { draft, scope, problems } = useEditorControls();
  const [said, setSaid] = useState<boolean>();
  const key = keyOf(part);
  const wrong = problemsAt(problems, key).length > 0;
  const open = wrong || (said ?? unfolded);
  const users = otherUsers(scope, key).map(nameOfObject);
  const home = teamOf(draft)?.metadata.namespace;
  const { namespace } = part.metadata;
  return (
    <Collapse
      size="small"
      className="mb-5!"
      activeKey={open ? ['part'] : []}
      onChange={(keys) => setSaid(keys.length > 0)}
      items={[
        {
          key: 'part',
          label: (
            <span className="font-medium">
              {title}
              <span className="font-normal text-muted">
                {' · '}
                {titleOf(part)}
                {namespace !== home && ` · ${namespace}`}
              </span>
            </span>
          ),
          children: (
            <div data-testid={`own-${part.kind.toLowerCase()}`}>
              {users.length > 0 && (
                <Alert
                  type="warning"
                  showIcon
                  className="mb-4!"
                  title={t('form.partSharedBy', { users: users.join(', ') })}
                />
              )}
              {children}
            </div>
          ),
        },
      ]}
    />
  );
}
