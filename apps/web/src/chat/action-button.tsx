import { Button, Tooltip } from 'antd';
import type { ReactNode } from 'react';

/** A quiet icon under a turn. */
export function ActionButton({
  icon,
  label,
  testId,
  disabled = false,
  onClick,
}: {
  icon: ReactNode;
  label: string;
  testId?: string;
  disabled?: boolean;
  onClick: () => void;
}) {
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        size="small"
        icon={icon}
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
        className="text-faint! hover:text-ink! disabled:opacity-40"
        {...(testId ? { 'data-testid': testId } : {})}
      />
    </Tooltip>
  );
}
