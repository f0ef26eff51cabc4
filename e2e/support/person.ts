import type { User } from '@wegent/api';
import { type ApiClient, type ChatSocket, createApiClient, createChatSocket } from '@wegent/client';
import { ADMIN_PASSWORD } from './standalone.ts';

/** Somebody who has signed in. */
export interface Person {
  readonly user: User;
  readonly token: string;
  readonly api: ApiClient;
  /** Opens a connection to the chat; `url` names another way to the server. */
  connect(options?: { url?: string }): ChatSocket;
}

/** Signs in; the administrator when nobody is named. */
export async function signIn(
  url: string,
  { username = 'admin', password = ADMIN_PASSWORD }: { username?: string; password?: string } = {},
): Promise<Person> {
  const session = await createApiClient({ baseUrl: url }).auth.login({ username, password });
  return personOf(url, session.user, session.accessToken);
}

/** Makes an account and signs it in. */
export async function newPerson(url: string, admin: Person, username: string): Promise<Person> {
  const password = `password of ${username}`;
  await admin.api.users.create({ username, password });
  return signIn(url, { username, password });
}

/** The same person with an API key in place of a session. */
export async function withApiKey(url: string, person: Person): Promise<Person> {
  const { key } = await person.api.users.createApiKey({ name: 'end-to-end suite' });
  if (key === undefined) throw new Error('a new API key came without its secret');
  return personOf(url, person.user, key);
}

function personOf(url: string, user: User, token: string): Person {
  return {
    user,
    token,
    api: createApiClient({ baseUrl: url, getAccessToken: () => token }),
    connect: (options = {}) => createChatSocket({ url: options.url ?? url, getToken: () => token }),
  };
}
