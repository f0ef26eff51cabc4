import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditorControls } from './editor-context.tsx';

type Way = 'up' | 'down';

/** Moves a member or takes it out. The keyboard stays with the member that was moved. */
export function MemberActions({
  name,
  index,
  count,
  onPlaced,
}: {
  name: string;
  index: number;
  count: number;
  /** Where it is now; undefined when it was taken out. */
  onPlaced?: (index: number | undefined) => void;
}) {
  const { t } = useTranslation('agents');
  const { moveMember, removeMember } = useEditorControls();
  const place = useRef<HTMLSpanElement>(null);
  const move = (way: Way) => {
    const to = way === 'up' ? index - 1 : index + 1;
    const list = place.current?.closest('ol');
    moveMember(index, to);
    onPlaced?.(to);
    // The members keep their places on the page; what is in them has changed.
    setTimeout(() => {
      const moved = list?.children[to];
      const buttons = [way, way === 'up' ? 'down' : 'up'].map((name) =>
        moved?.querySelector<HTMLButtonElement>(`button[data-move="${name}"]:not(:disabled)`),
      );
      buttons.find((button) => button)?.focus();
    });
  };
  const button = (way: Way, disabled: boolean) => (
    <Button
      type="text"
      icon={way === 'up' ? <ArrowUpOutlined /> : <ArrowDownOutlined />}
      disabled={disabled}
      data-move={way}
      aria-label={t(way === 'up' ? 'form.moveUp' : 'form.moveDown', { name })}
      onClick={() => move(way)}
    />
  );
  return (
    <span ref={place} className="flex flex-none">
      {button('up', index === 0)}
      {button('down', index === count - 1)}
      <Button
        type="text"
        icon={<DeleteOutlined />}
        aria-label={t('form.removeMember', { name })}
        onClick={() => {
          removeMember(index);
          onPlaced?.(undefined);
        }}
      />
    </span>
  );
}
