import type { AttachmentInfo } from '@wegent/api';
import { SentFile } from './sent-file.tsx';
import { SentImage } from './sent-image.tsx';

/** The files of a message: pictures as pictures, the others as chips. */
export function SentAttachments({ files }: { files: readonly AttachmentInfo[] }) {
  return (
    <ul className="flex max-w-[85%] flex-wrap justify-end gap-2">
      {files.map((file) => (
        <li key={file.id} className="max-w-full">
          {file.mediaType.startsWith('image/') ? <SentImage file={file} /> : <SentFile file={file} />}
        </li>
      ))}
    </ul>
  );
}
