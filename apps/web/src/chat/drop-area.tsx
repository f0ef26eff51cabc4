import {
  createContext,
  type DragEvent,
  type ReactNode,
  type RefObject,
  use,
  useEffect,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';

type TakeFiles = (files: File[]) => void;

const Taker = createContext<RefObject<TakeFiles | undefined> | undefined>(undefined);

/** Where files may be dropped; says so while they hover. They go to the composer inside it. */
export function DropArea({ className, children }: { className: string; children: ReactNode }) {
  const { t } = useTranslation('chat');
  const [over, setOver] = useState(false);
  const taker = useRef<TakeFiles>(undefined);
  const onDrag = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; a button of the composer does the same.
    <div
      className={`relative ${className}`}
      onDragEnter={onDrag}
      onDragOver={onDrag}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        // Going over to a part inside is no leaving.
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false);
      }}
      onDrop={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(false);
        taker.current?.([...event.dataTransfer.files]);
      }}
    >
      <Taker value={taker}>{children}</Taker>
      {over && (
        <div
          data-testid="drop-overlay"
          className="pointer-events-none absolute inset-2 z-30 grid place-items-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 text-lg font-medium text-accent"
        >
          {t('drop')}
        </div>
      )}
    </div>
  );
}

/** Takes the files that are dropped on the area around. */
export function useDroppedFiles(take: TakeFiles): void {
  const taker = use(Taker);
  useEffect(() => {
    if (!taker) return;
    taker.current = take;
    return () => {
      taker.current = undefined;
    };
  }, [taker, take]);
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files');
}
