import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useApi } from '../session/session-provider.tsx';

/** The address of a file for `<img>`, which cannot send the authorization that the server wants. */
export function useAttachmentUrl(id: string): { url: string | undefined; failed: boolean } {
  const { attachments } = useApi();
  const file = useQuery({
    queryKey: ['attachments', id],
    queryFn: ({ signal }) => attachments.download(id, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!file.data) return;
    const created = URL.createObjectURL(file.data);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [file.data]);
  return { url, failed: file.isError };
}
