import type { ResourceObject } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** Archives of Skills. */
export type SkillsApi = ReturnType<typeof createSkillsApi>;

/** Creates the calls about archives of Skills: a zip of the folder that holds SKILL.md. */
export function createSkillsApi(http: HttpClient) {
  return {
    /** Uploads an archive, and makes the Skill when it is not there. */
    upload: (namespace: string, name: string, archive: Blob) =>
      http.request<ResourceObject>('PUT', archivePath(namespace, name), {
        body: archive,
        headers: { 'content-type': 'application/zip' },
      }),
    download: async (namespace: string, name: string): Promise<Blob> =>
      (await http.send('GET', archivePath(namespace, name))).blob(),
    /** Removes the archive; the Skill stays. */
    remove: (namespace: string, name: string) => http.request<void>('DELETE', archivePath(namespace, name)),
  };
}

function archivePath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/skills/${encodeURIComponent(name)}/archive`;
}
