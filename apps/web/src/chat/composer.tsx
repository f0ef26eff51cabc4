import { PaperClipOutlined } from '@ant-design/icons';
import type { AttachmentInfo, ObjectReference } from '@wegent/api';
import { Button, Tooltip } from 'antd';
import { type ReactNode, type RefObject, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ComposerBox } from './composer-box.tsx';
import { useDroppedFiles } from './drop-area.tsx';
import type { Mentionable } from './mention-menu.tsx';
import { ModelPicker } from './model-picker.tsx';
import { SendButtons } from './send-buttons.tsx';
import { UploadChips } from './upload-chips.tsx';
import { useDraft } from './use-draft.ts';
import { useUploads } from './use-uploads.ts';

/** What a person wrote. */
export interface Written {
  message: string;
  attachments: AttachmentInfo[];
  modelOverride: ObjectReference | undefined;
  /** It goes into the turn that runs. */
  steer: boolean;
}

/** Lets others write into the composer. */
export interface ComposerHandle {
  setText(text: string): void;
  focus(): void;
}

interface ComposerProps {
  /** Names the draft: the task, or `new`. */
  draftKey: string;
  placeholder: string;
  /** An answer is being written: there is something to stop. */
  busy?: boolean;
  stopping?: boolean;
  /** While an answer is being written, a message can go into it. */
  canSteer?: boolean;
  onStop?: () => void;
  /** The message is on its way and cannot be changed. */
  locked?: boolean;
  /** The box is empty afterwards, unless false comes back. */
  onSend: (written: Written) => boolean | Promise<boolean>;
  model?: ObjectReference | undefined;
  mentions?: readonly Mentionable[];
  /** Stands at the left of the tools, such as people to add. */
  tools?: ReactNode;
  /** Stands above the text: what goes along with the message, and how much of it there is. */
  above?: ReactNode;
  enclosed?: number;
  handle?: RefObject<ComposerHandle | null>;
}

/** The box to write in, with files, the choice of the model, send and stop. */
export function Composer({
  draftKey,
  busy = false,
  stopping = false,
  canSteer = false,
  enclosed = 0,
  locked = false,
  onStop,
  onSend,
  mentions,
  ...props
}: ComposerProps) {
  const { t } = useTranslation('chat');
  const [text, setText] = useDraft(draftKey);
  const [model, setModel] = useState(props.model);
  const { uploads, leftOut, add, remove, clear, ready, sending } = useUploads();
  useDroppedFiles(add);
  const picker = useRef<HTMLInputElement>(null);
  const possible = !locked && !sending && (text.trim() !== '' || ready.length > 0 || enclosed > 0);

  const send = async (steer = false) => {
    if (!possible) return;
    if (await onSend({ message: text, attachments: ready, modelOverride: model, steer })) {
      setText('');
      clear();
    }
  };
  return (
    <div className="relative rounded-2xl border border-line-strong bg-raised shadow-[0_2px_10px_rgb(0_0_0/0.04)] transition-colors focus-within:border-accent">
      {props.above}
      <UploadChips uploads={uploads} leftOut={leftOut} onRemove={remove} />
      <ComposerBox
        text={text}
        placeholder={props.placeholder}
        locked={locked}
        mentions={mentions ?? []}
        handle={props.handle}
        onChange={setText}
        onFiles={add}
        onSubmit={() => void send()}
        onSteer={() => void send(busy && canSteer)}
        onEscape={() => busy && onStop?.()}
      />
      <div className="flex items-center gap-1 px-2 pb-2">
        <Tooltip title={t('attach')}>
          <Button
            type="text"
            icon={<PaperClipOutlined />}
            aria-label={t('attach')}
            className="text-muted!"
            onClick={() => picker.current?.click()}
          />
        </Tooltip>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          data-testid="file-input"
          onChange={({ target }) => {
            add([...(target.files ?? [])]);
            target.value = '';
          }}
        />
        {props.tools}
        <ModelPicker value={model} onChange={setModel} />
        <span className="flex-1" />
        <SendButtons
          busy={busy}
          stopping={stopping}
          locked={locked}
          possible={possible}
          canSteer={canSteer}
          onStop={onStop}
          onSend={(steer) => void send(steer)}
        />
      </div>
    </div>
  );
}
