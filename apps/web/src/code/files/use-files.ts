import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../session/session-provider.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { taskKey } from '../use-code-refresh.ts';
import { type FileContent, readContent } from './file-content.ts';
import { readUpTo } from './read-up-to.ts';

/** Bytes that are shown; what is larger is only downloaded. */
const MAX_SHOWN = 1_000_000;

/** What lies in a folder of the work tree. */
export function useFolder(taskId: string, path: string) {
  const { workspaces } = useApi();
  return useQuery({
    queryKey: taskKey(taskId, 'folder', path),
    queryFn: ({ signal }) => workspaces.folder(taskId, path, signal),
    retry: false,
  });
}

/** A file of the work tree, as far as it can be shown. */
export function useFile(taskId: string, path: string) {
  const { http } = useApi();
  return useQuery({
    queryKey: taskKey(taskId, 'file', path),
    queryFn: async ({ signal }): Promise<FileContent> => {
      const response = await http.send('GET', filePath(taskId, path), { headers: { accept: '*/*' }, signal });
      const bytes = await readUpTo(response.body, MAX_SHOWN);
      return bytes ? readContent(bytes) : { kind: 'large' };
    },
    retry: false,
  });
}

/** Gets a file and hands it to the browser to keep. */
export function useDownload(taskId: string): (path: string) => Promise<void> {
  const { workspaces } = useApi();
  return async (path) => {
    const bytes = await workspaces.file(taskId, path);
    // Never as what it says it is: the browser is to keep it, not to open it.
    saveFile({ name: path.slice(path.lastIndexOf('/') + 1), content: bytes });
  };
}

function filePath(taskId: string, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `/api/v1/tasks/${encodeURIComponent(taskId)}/files/${encoded}`;
}
