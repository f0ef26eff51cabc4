import { DeleteOutlined, EditOutlined, MenuOutlined, MoreOutlined, TeamOutlined } from '@ant-design/icons';
import type { TaskItem } from '@wegent/api';
import { Button, Dropdown, Tooltip } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFrame } from '../frame/frame-context.tsx';
import { RenameField } from '../tasks/rename-field.tsx';
import { useTaskActions } from '../tasks/use-task-actions.ts';
import { Monogram } from '../ui/monogram.tsx';
import { useConversation } from './conversation-context.tsx';

/** Who answers, what it is about, who takes part; on small screens the only bar, with the button of the menu. */
export function ConversationHeader({
  task,
  about,
  children,
}: {
  task: TaskItem;
  /** Stands beside the name of the agent. */
  about?: ReactNode;
  /** Stands before the menu. */
  children?: ReactNode;
}) {
  const { t } = useTranslation('chat');
  const { t: tasks } = useTranslation('tasks');
  const { t: common } = useTranslation();
  const { agent, userId } = useConversation();
  const { openMenu } = useFrame();
  const actions = useTaskActions(task);
  const [renaming, setRenaming] = useState(false);
  const own = task.owner === undefined || task.owner.userId === userId;
  return (
    <header
      data-page-bar
      className="flex h-14 flex-none items-center gap-2 border-b border-line px-2 lg:gap-3 lg:px-4"
    >
      {openMenu ? (
        <Button type="text" icon={<MenuOutlined />} aria-label={common('nav.openMenu')} onClick={openMenu} />
      ) : (
        <Monogram name={agent.name} icon={agent.icon} size={30} />
      )}
      <div className="min-w-0 flex-1">
        {renaming ? (
          <RenameField
            title={task.title}
            onDone={(title) => {
              setRenaming(false);
              if (title !== undefined) void actions.rename(title);
            }}
          />
        ) : (
          <h1
            className="truncate text-[15px] leading-5 font-semibold"
            title={task.title}
            onDoubleClick={() => setRenaming(true)}
          >
            {task.title || tasks('untitled')}
          </h1>
        )}
        <p className="flex items-center gap-2 truncate text-[13px] leading-5 text-muted">
          <span className="truncate">{agent.name}</span>
          {about}
          <Participants task={task} />
        </p>
      </div>
      {children}
      <Dropdown
        autoFocus
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: [
            {
              key: 'rename',
              icon: <EditOutlined />,
              label: tasks('rename'),
              onClick: () => setRenaming(true),
            },
            ...(own
              ? [
                  {
                    key: 'delete',
                    icon: <DeleteOutlined />,
                    label: common('actions.delete'),
                    danger: true,
                    onClick: actions.confirmRemoval,
                  },
                ]
              : []),
          ],
        }}
      >
        <Button
          type="text"
          icon={<MoreOutlined />}
          aria-label={t('conversationActions')}
          data-testid="conversation-actions"
        />
      </Dropdown>
    </header>
  );
}

function Participants({ task }: { task: TaskItem }) {
  const { t } = useTranslation('chat');
  const others = task.spec.participants ?? [];
  if (others.length === 0) return null;
  const names = [...(task.owner ? [task.owner.name] : []), ...others];
  return (
    <Tooltip title={names.join(', ')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the names are on hover, and have to be on focus. */}
      <span tabIndex={0} className="flex items-center gap-1" data-testid="participants">
        <TeamOutlined aria-hidden="true" />
        {t('people', { count: names.length })}
        <span className="sr-only">{names.join(', ')}</span>
      </span>
    </Tooltip>
  );
}
