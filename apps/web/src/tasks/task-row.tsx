import { CodeOutlined, MoreOutlined } from '@ant-design/icons';
import type { TaskItem } from '@wegent/api';
import { Button, Dropdown } from 'antd';
import Link from 'next/link';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { taskLink } from '../frame/links.ts';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { exactTime } from '../ui/times.ts';
import { visibleName } from '../ui/visible-name.ts';
import { RenameField } from './rename-field.tsx';
import { TaskMark } from './task-mark.tsx';
import { useTaskActions } from './use-task-actions.ts';

/** One conversation of the rail. */
export const TaskRow = memo(function TaskRow({
  task,
  current,
  waits,
}: {
  task: TaskItem;
  current: boolean;
  /** What it asks the person. */
  waits?: string | undefined;
}) {
  const { t } = useTranslation('tasks');
  const { t: common } = useTranslation();
  const { language } = useAppearance().appearance;
  const actions = useTaskActions(task);
  const [renaming, setRenaming] = useState(false);
  const unread = task.unread === true && !current;
  if (renaming) {
    return (
      <li className="px-1 py-0.5">
        <RenameField
          title={task.title}
          onDone={async (title) => {
            setRenaming(false);
            if (title !== undefined) await actions.rename(title);
          }}
        />
      </li>
    );
  }
  return (
    <li
      data-testid="task-item"
      data-phase={task.phase}
      className={`group relative flex ${waits ? 'h-12' : 'h-9'} items-center rounded-control [contain-intrinsic-size:36px] [content-visibility:auto] ${
        current ? 'bg-selected' : 'hover:bg-hover'
      }`}
    >
      <Link
        href={taskLink(task)}
        title={`${task.title}\n${task.team?.displayName ?? ''} · ${exactTime(task.updatedAt, language)}`}
        className={`flex h-full min-w-0 flex-1 items-center gap-2.5 rounded-control pr-2 pl-3 text-[14px] leading-5 group-hover:pr-9 [@media(hover:none)]:pr-9 ${
          unread || current ? 'font-medium text-ink' : 'text-muted'
        }`}
        {...(current ? { 'aria-current': 'page' as const } : {})}
      >
        <TaskMark phase={task.phase} />
        <span className="min-w-0 flex-1">
          <span className="block truncate">{task.title || t('untitled')}</span>
          {waits && <span className="block truncate text-xs text-warning">{visibleName(waits)}</span>}
        </span>
        {task.spec.type === 'code' && (
          <CodeOutlined
            aria-label={t('code')}
            title={t('code')}
            className="text-xs text-faint! group-hover:hidden!"
          />
        )}
        {unread && (
          <span className="size-2 flex-none rounded-full bg-accent group-hover:hidden">
            <span className="sr-only">{t('unread')}</span>
          </span>
        )}
      </Link>
      <Dropdown
        autoFocus
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: [
            { key: 'rename', label: t('rename'), onClick: () => setRenaming(true) },
            { key: 'delete', label: common('actions.delete'), danger: true, onClick: actions.confirmRemoval },
          ],
        }}
      >
        <Button
          type="text"
          size="small"
          icon={<MoreOutlined />}
          aria-label={t('moreAbout', { title: task.title })}
          className="absolute! right-1 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 aria-expanded:opacity-100 [@media(hover:none)]:opacity-60"
        />
      </Dropdown>
    </li>
  );
});
