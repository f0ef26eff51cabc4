import type { AttachmentInfo } from '@wegent/api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../session/session-provider.tsx';

/** A file on its way into a message. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  /** A picture to show; an address inside this page. */
  preview: string | undefined;
  state:
    | { status: 'sending'; part: number }
    | { status: 'done'; info: AttachmentInfo }
    | { status: 'failed'; error: unknown };
}

/** Files of one message; `chat:send` takes no more. */
export const MAX_FILES = 20;

/** The files of the message that is being written. They are uploaded at once, so that sending does not wait. */
export function useUploads() {
  const { attachments } = useApi();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [leftOut, setLeftOut] = useState(0);
  const room = MAX_FILES - uploads.length;
  const aborts = useRef(new Map<number, AbortController>());
  const count = useRef(0);

  const change = useCallback((id: number, state: Upload['state']) => {
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, state } : upload)));
  }, []);

  const add = useCallback(
    (files: readonly File[]) => {
      setLeftOut(Math.max(0, files.length - room));
      for (const file of files.slice(0, room)) {
        count.current += 1;
        const id = count.current;
        const abort = new AbortController();
        aborts.current.set(id, abort);
        const preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : undefined;
        const upload: Upload = {
          id,
          name: file.name,
          size: file.size,
          preview,
          state: { status: 'sending', part: 0 },
        };
        setUploads((all) => [...all, upload]);
        attachments
          .upload(file, {
            name: file.name,
            onProgress: (part) => change(id, { status: 'sending', part }),
            signal: abort.signal,
          })
          .then(
            (info) => change(id, { status: 'done', info }),
            (error: unknown) => change(id, { status: 'failed', error }),
          );
      }
    },
    [attachments, change, room],
  );

  const remove = useCallback(
    (upload: Upload) => {
      aborts.current.get(upload.id)?.abort();
      setUploads((all) => all.filter(({ id }) => id !== upload.id));
      setLeftOut(0);
      if (upload.preview) URL.revokeObjectURL(upload.preview);
      // Files that were never sent are cleaned up by the server in any case.
      if (upload.state.status === 'done') attachments.remove(upload.state.info.id).catch(() => undefined);
    },
    [attachments],
  );

  /** Forgets the files because they are part of a message now. */
  const clear = useCallback(() => {
    setUploads([]);
    setLeftOut(0);
  }, []);

  useEffect(() => {
    const running = aborts.current;
    return () => {
      for (const abort of running.values()) abort.abort();
    };
  }, []);

  return {
    uploads,
    /** How many of the files added last were too many. */
    leftOut,
    add,
    remove,
    clear,
    ready: uploads.flatMap(({ state }) => (state.status === 'done' ? [state.info] : [])),
    sending: uploads.some(({ state }) => state.status === 'sending'),
  };
}
