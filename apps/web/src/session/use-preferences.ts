import type { User } from '@wegent/api';
import { App } from 'antd';
import { useCallback, useMemo } from 'react';
import { readAppearance } from '../theme/appearance.ts';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { useApi, useSession } from './session-provider.tsx';

const NONE: User['preferences'] = {};

/**
 * What the person chose about the interface. `save` shows a change at once and keeps it with the account;
 * before signing in it is kept in this browser only. A change that the server refuses is reported and undone.
 */
export function usePreferences() {
  const { state, update } = useSession();
  const { setAppearance } = useAppearance();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const api = useApi();
  const user = state.status === 'signed-in' ? state.user : undefined;

  const save = useCallback(
    async (change: Record<string, unknown>) => {
      setAppearance(readAppearance(change));
      if (!user) return;
      const preferences = { ...user.preferences, ...change };
      update({ ...user, preferences });
      try {
        update(await api.users.updateMe({ preferences }));
      } catch (error) {
        update(user);
        setAppearance(readAppearance(user.preferences));
        void message.error(errorText(error).title);
      }
    },
    [user, update, api, setAppearance, message, errorText],
  );
  return useMemo(() => ({ preferences: user?.preferences ?? NONE, save }), [user, save]);
}
