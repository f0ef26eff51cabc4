import { Input, type InputRef, Modal } from 'antd';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PaletteList } from './palette-list.tsx';
import { usePaletteItems } from './use-palette-items.tsx';

/** Goes anywhere by typing: conversations, agents, pages. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const input = useRef<InputRef>(null);
  return (
    <Modal
      open={open}
      onCancel={onClose}
      footer={null}
      closable={false}
      title={<span className="sr-only">{t('palette.title')}</span>}
      width={600}
      style={{ top: 88 }}
      styles={{ container: { padding: 0, overflow: 'hidden' }, header: { margin: 0 } }}
      destroyOnHidden
      afterOpenChange={(visible) => visible && input.current?.focus()}
    >
      <Finder input={input} onClose={onClose} />
    </Modal>
  );
}

function Finder({ input, onClose }: { input: React.RefObject<InputRef | null>; onClose: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const listId = useId();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const { items, searching } = usePaletteItems(query.trim());
  const index = Math.min(active, Math.max(items.length - 1, 0));

  const go = (href: string) => {
    onClose();
    router.push(href);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // While a Chinese word is being composed the keys belong to the input method.
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = items[index];
    if (step !== undefined && items.length > 0) setActive((index + step + items.length) % items.length);
    else if (event.key === 'Enter' && chosen) go(chosen.href);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <Input
        ref={input}
        variant="borderless"
        size="large"
        role="combobox"
        aria-expanded={items.length > 0}
        aria-controls={listId}
        aria-activedescendant={items[index] ? `${listId}-${index}` : undefined}
        aria-label={t('palette.placeholder')}
        placeholder={t('palette.placeholder')}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        style={{ height: 54, paddingInline: 20, borderRadius: 0, outline: 'none' }}
      />
      <PaletteList
        id={listId}
        items={items}
        active={index}
        query={query.trim()}
        searching={searching}
        onGo={go}
      />
      <p className="border-t border-line px-5 py-2.5 text-[13px] leading-5 text-muted max-sm:hidden">
        {t('palette.hint')}
      </p>
    </>
  );
}
