import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunRole } from './turn-runs.ts';

/** Says what a run is for in its turn: “Stage 1 of 3”. */
export function useRoleText(): (role: RunRole) => string {
  const { t } = useTranslation('team');
  return useCallback(
    (role) => {
      switch (role.kind) {
        case 'stage':
          return t('role.stage', { index: role.index, count: role.count });
        case 'gate':
          return t('role.gate', { to: role.to });
        case 'voice':
          return role.rounds > 1
            ? t('role.voiceOf', { round: role.round, rounds: role.rounds })
            : t('role.voice');
        default:
          return t(`role.${role.kind}`);
      }
    },
    [t],
  );
}
