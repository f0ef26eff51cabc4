import { ReloadOutlined, SearchOutlined, VerticalAlignMiddleOutlined } from '@ant-design/icons';
import type { TaskView } from '@wegent/client';
import { Button, Input, Select, Tooltip } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useCodeTask } from '../code-context.tsx';
import { turnFiles } from '../turn-changes.ts';
import { SplitIcon } from './split-icon.tsx';

interface ChangesToolbarProps {
  view: TaskView;
  filter: string;
  onFilter: (filter: string) => void;
  split: boolean;
  onSplit: (split: boolean) => void;
  anyOpen: boolean;
  onFold: () => void;
  fetching: boolean;
  onRefresh: () => void;
}

const WHOLE = '';

/** Which changes, which files of them, and how they are shown. */
export function ChangesToolbar(props: ChangesToolbarProps) {
  const { t } = useTranslation('code');
  const { shown, showChanges } = useCodeTask();
  const turns = useTurns(props.view);
  const known = turns.some(({ value }) => value === shown.turn);
  return (
    <div className="flex flex-none flex-wrap items-center gap-1 border-b border-line p-1.5">
      <Select
        size="small"
        variant="filled"
        aria-label={t('changes.which')}
        data-testid="changes-turn"
        className="max-w-52 min-w-32"
        popupMatchSelectWidth={280}
        value={shown.turn ?? WHOLE}
        options={[
          { value: WHOLE, label: t('changes.whole') },
          ...turns,
          ...(shown.turn && !known ? [{ value: shown.turn, label: t('changes.thisTurn') }] : []),
        ]}
        onChange={(turn) => showChanges(turn === WHOLE ? {} : { turn })}
      />
      <Input
        size="small"
        variant="filled"
        allowClear
        className="max-w-56 min-w-24 flex-1"
        prefix={<SearchOutlined className="text-faint" />}
        placeholder={t('changes.filter')}
        aria-label={t('changes.filter')}
        value={props.filter}
        onChange={({ target }) => props.onFilter(target.value)}
      />
      <span className="hidden flex-1 @2xl:block" />
      <Tooltip title={t(props.split ? 'changes.unified' : 'changes.split')}>
        <Button
          type="text"
          size="small"
          icon={<SplitIcon />}
          aria-pressed={props.split}
          aria-label={t('changes.split')}
          className={props.split ? 'text-accent!' : 'text-muted!'}
          onClick={() => props.onSplit(!props.split)}
        />
      </Tooltip>
      <Tooltip title={t(props.anyOpen ? 'changes.fold' : 'changes.unfold')}>
        <Button
          type="text"
          size="small"
          icon={<VerticalAlignMiddleOutlined />}
          aria-label={t(props.anyOpen ? 'changes.fold' : 'changes.unfold')}
          className="text-muted!"
          onClick={props.onFold}
        />
      </Tooltip>
      <Tooltip title={t('refresh')}>
        <Button
          type="text"
          size="small"
          icon={<ReloadOutlined spin={props.fetching} />}
          aria-label={t('refresh')}
          className="text-muted!"
          onClick={props.onRefresh}
        />
      </Tooltip>
    </div>
  );
}

/** The turns that changed files, each named by what was asked. */
function useTurns({ messages }: TaskView): { value: string; label: string }[] {
  const { t } = useTranslation('code');
  return useMemo(
    () =>
      messages
        .flatMap((message, index) => {
          const asked = messages.slice(0, index).findLast(({ role }) => role === 'user')?.text ?? '';
          return turnFiles(message.blocks).map(({ executionId }) => ({ executionId, asked }));
        })
        .map(({ executionId, asked }, index) => ({
          value: executionId,
          label: t('changes.turn', { number: index + 1, asked: asked.slice(0, 80) }),
        }))
        .toReversed(),
    [messages, t],
  );
}
