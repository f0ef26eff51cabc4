import { useEffect, useState } from 'react';
import { visibleName } from '../../ui/visible-name.ts';
import type { FileContent } from './file-content.ts';

/** A picture of the work tree. */
export function FilePicture({
  path,
  picture,
}: {
  path: string;
  picture: Extract<FileContent, { kind: 'picture' }>;
}) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const created = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [picture]);
  return (
    <div className="grid min-h-0 flex-1 place-items-center overflow-auto p-6">
      {/* biome-ignore lint/performance/noImgElement: the picture is already in this page. */}
      {url && <img src={url} alt={visibleName(path)} className="max-h-full max-w-full object-contain" />}
    </div>
  );
}
