import {
  type KeyboardEvent,
  type RefObject,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { ComposerHandle } from './composer.tsx';
import { type Mentionable, MentionMenu } from './mention-menu.tsx';
import { completeMention, mentionAt } from './mentions.ts';

interface ComposerBoxProps {
  text: string;
  placeholder: string;
  locked: boolean;
  mentions: readonly Mentionable[];
  handle: RefObject<ComposerHandle | null> | undefined;
  onChange: (text: string) => void;
  onFiles: (files: File[]) => void;
  onSubmit: () => void;
  /** Ctrl or Cmd with Enter. */
  onSteer: () => void;
  onEscape: () => void;
}

const MAX_HEIGHT = 280;

/** The text of the composer: grows with it, Enter sends, Shift+Enter begins a line, `@` offers names. */
export function ComposerBox({
  text,
  placeholder,
  locked,
  mentions,
  handle,
  onChange,
  onFiles,
  onSubmit,
  onSteer,
  onEscape,
}: ComposerBoxProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(text.length);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<string>();
  const draft = mentions.length > 0 && dismissed !== text ? mentionAt(text, caret) : undefined;
  const offered = draft
    ? mentions.filter(({ name }) => name.toLowerCase().includes(draft.query.toLowerCase()))
    : [];
  const chosen = offered[Math.min(active, offered.length - 1)];

  useGrowing(box, text);
  useImperativeHandle(handle, () => ({
    setText: (next) => {
      onChange(next);
      requestAnimationFrame(() => {
        box.current?.focus();
        box.current?.setSelectionRange(next.length, next.length);
      });
    },
    focus: () => box.current?.focus(),
  }));

  const take = ({ name }: Mentionable) => {
    if (!draft) return;
    const completed = completeMention(text, draft, name);
    onChange(completed.text);
    setCaret(completed.caret);
    setActive(0);
    requestAnimationFrame(() => box.current?.setSelectionRange(completed.caret, completed.caret));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed, Enter and Esc belong to the input method; 229 is what some browsers say instead.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (chosen && step !== undefined)
      setActive((offered.indexOf(chosen) + step + offered.length) % offered.length);
    else if (chosen && (event.key === 'Enter' || event.key === 'Tab')) take(chosen);
    else if (chosen && event.key === 'Escape') setDismissed(text);
    else if (event.key === 'Escape') onEscape();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSteer();
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) onSubmit();
    else return;
    event.preventDefault();
  };
  return (
    <>
      <MentionMenu offered={offered} active={chosen} onTake={take} />
      <textarea
        ref={box}
        // biome-ignore lint/a11y/noAutofocus: writing is what this page is for.
        autoFocus
        rows={1}
        value={text}
        readOnly={locked}
        placeholder={placeholder}
        aria-label={placeholder}
        data-testid="composer"
        enterKeyHint="send"
        className="block w-full resize-none bg-transparent px-4 pt-3 pb-1 text-[16px] leading-6 outline-none placeholder:text-faint sm:text-[15px]"
        onChange={({ target }) => {
          onChange(target.value);
          setCaret(target.selectionEnd);
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionEnd)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          const files = [...event.clipboardData.files];
          if (files.length === 0) return;
          event.preventDefault();
          onFiles(files);
        }}
      />
    </>
  );
}

/** Makes the box as high as its text, up to a limit. */
function useGrowing(box: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    // In a sheet that is just opening nothing has a height yet; it keeps its one line then.
    if (element.scrollHeight === 0) return;
    element.style.height = `${Math.min(element.scrollHeight, MAX_HEIGHT)}px`;
    element.style.overflowY = element.scrollHeight > MAX_HEIGHT ? 'auto' : 'hidden';
  }, [box, text]);
}
