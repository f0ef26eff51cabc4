import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ApiError } from '@wegent/api';

const FORMS =
  'https://host/owner/name.git, http://…, ssh://user@host/owner/name.git or user@host:owner/name.git';

/** A git address that was understood. */
export interface GitUrl {
  /** As git takes it; folders of the server as `file://…`. */
  url: string;
  /** Host with its port, in lower case; absent for folders. */
  host?: string;
  /** Folder of the server. */
  folder?: string;
}

/**
 * Understands a git address, or says what is wrong with it. Pure: whether a folder may be used is asked elsewhere.
 * Only these forms reach git, so an address can neither be an option nor name a helper program (`ext::…`).
 */
export function parseGitUrl(text: string, field = 'workspace.gitUrl'): GitUrl {
  const given = text.trim();
  if (given === '') throw invalid(field, `is empty; wanted is ${FORMS}`);
  if (/[\p{Cc}\s\\]/u.test(given)) throw invalid(field, 'holds a space, a backslash or a control character');
  if (given.startsWith('/')) return folderUrl(given);
  if (/^file:/i.test(given)) return folderUrl(pathOf(given, field));
  if (/^(https?|ssh):\/\//i.test(given)) return hostUrl(given, field);
  return scpUrl(given, field);
}

/** Checks the name of a branch by the rules of git. */
export function checkBranchName(name: string, field: string): string {
  const isWrong =
    name === '' ||
    name === '@' ||
    /^[-/.]|[/.]$|\.lock(\/|$)|\.\.|\/\.|\/\/|@\{/.test(name) ||
    /[\p{Cc} ~^:?*[\\]/u.test(name);
  if (isWrong) throw invalid(field, `"${name}" is not the name of a branch`);
  return name;
}

function hostUrl(given: string, field: string): GitUrl {
  if (!URL.canParse(given)) throw invalid(field, `is not an address; wanted is ${FORMS}`);
  const url = new URL(given);
  const isSsh = url.protocol === 'ssh:';
  // Not even a user name: many hosts take a token in its place.
  if (url.password !== '' || (!isSsh && url.username !== '')) {
    throw invalid(
      field,
      'holds a user name or password. Take it out, and store the credential under Settings → Git hosts instead.',
    );
  }
  if (url.search !== '' || url.hash !== '') throw invalid(field, 'holds a query or a fragment; take it out');
  if (url.hostname === '' || url.hostname.startsWith('-') || url.username.startsWith('-'))
    throw invalid(field, `names no host; wanted is ${FORMS}`);
  if (url.pathname.length < 2) throw invalid(field, 'names a host, but no repository');
  return { url: url.href, host: url.host.toLowerCase() };
}

function scpUrl(given: string, field: string): GitUrl {
  const match = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):([^:]+)$/.exec(given);
  const [, user, host, place] = match ?? [];
  if (user === undefined || host === undefined || place === undefined || place.startsWith('-'))
    throw invalid(field, `is no address of a git repository; wanted is ${FORMS}`);
  return { url: given, host: host.toLowerCase() };
}

function folderUrl(folder: string): GitUrl {
  const normal = path.resolve(folder);
  return { url: pathToFileURL(normal).href, folder: normal };
}

function pathOf(given: string, field: string): string {
  try {
    return fileURLToPath(given);
  } catch (cause) {
    throw new ApiError('Invalid', `${field}: is no folder of this machine`, { cause });
  }
}

function invalid(field: string, message: string): ApiError {
  return new ApiError('Invalid', `${field}: ${message}`, {
    details: { causes: [{ reason: 'FieldValueInvalid', field, message }] },
  });
}
