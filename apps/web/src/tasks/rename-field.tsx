import { Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A title being changed in its place: Enter keeps it, Esc does not. `onDone` gets nothing when it stays as it was. */
export function RenameField({
  title,
  onDone,
}: {
  title: string;
  onDone: (title: string | undefined) => void;
}) {
  const { t } = useTranslation('tasks');
  const [text, setText] = useState(title);
  const done = useRef(false);
  const finish = (next: string) => {
    if (done.current) return;
    // Leaving the field by a key also blurs it.
    done.current = true;
    const trimmed = next.trim();
    onDone(trimmed === '' || trimmed === title ? undefined : trimmed);
  };
  return (
    <Input
      autoFocus
      size="small"
      maxLength={500}
      value={text}
      aria-label={t('newTitle')}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => finish(text)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') finish(text);
        if (event.key === 'Escape') {
          event.stopPropagation();
          finish(title);
        }
      }}
    />
  );
}
