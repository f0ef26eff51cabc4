import { ApiError, type AttachmentInfo } from '@wegent/api';
import { errorFrom, type HttpClient } from './http.ts';

/** Files that are sent with messages. */
export type AttachmentsApi = ReturnType<typeof createAttachmentsApi>;

/** How an upload is watched and stopped. */
export interface UploadOptions {
  /** File name for a Blob that has none. */
  name?: string;
  /** Called in browsers with the part that has been sent, 0–1. */
  onProgress?: (part: number) => void;
  signal?: AbortSignal;
}

const PATH = '/api/v1/attachments';

/** Creates the calls under /api/v1/attachments. */
export function createAttachmentsApi(http: HttpClient) {
  return {
    /** Uploads a file; `RequestEntityTooLarge` or `UnsupportedMediaType` when it is refused. */
    async upload(file: Blob, options: UploadOptions = {}): Promise<AttachmentInfo> {
      const form = new FormData();
      form.append('file', file, options.name ?? (file instanceof File ? file.name : 'file'));
      // Only XMLHttpRequest reports progress, and only browsers have it.
      if (typeof XMLHttpRequest === 'undefined' || !options.onProgress) {
        return http.request('POST', PATH, { body: form, signal: options.signal });
      }
      try {
        return await uploadWithProgress(http, form, options);
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'Unauthorized') throw error;
        if ((await http.renew()) === undefined) throw error;
        return uploadWithProgress(http, form, options);
      }
    },
    /** Deletes a file that has not been sent. */
    remove: (id: string) => http.request<void>('DELETE', attachmentPath(id)),
    /** The file itself. */
    download: async (id: string, options: { signal?: AbortSignal } = {}): Promise<Blob> =>
      (await http.send('GET', attachmentPath(id), options)).blob(),
    /** The address of a file; it wants the same authorization as every request. */
    url: (id: string) => http.url(attachmentPath(id)),
  };
}

function attachmentPath(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

function uploadWithProgress(
  http: HttpClient,
  form: FormData,
  { onProgress, signal }: UploadOptions,
): Promise<AttachmentInfo> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open('POST', http.url(PATH));
    const token = http.token();
    if (token !== undefined) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as AttachmentInfo);
      else reject(errorFrom(request.status, request.responseText, request.getResponseHeader('retry-after')));
    };
    request.onerror = () =>
      reject(new ApiError('ServiceUnavailable', 'the upload was interrupted; try again'));
    request.onabort = () =>
      reject(signal?.reason ?? new ApiError('ServiceUnavailable', 'the upload was stopped'));
    request.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });
    request.send(form);
  });
}
