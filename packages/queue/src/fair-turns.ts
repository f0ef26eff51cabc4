import type { Redis } from 'ioredis';

/** Tags a job may have: what BullMQ takes as priority. */
const MAX_TAG = 2 ** 21 - 1;
/** Turns after which counting begins anew, as soon as nothing waits. */
const RESTART_AFTER = 2 ** 20;

/** Where the turns of one queue are kept, beside the keys of the queue itself. */
export interface FairTurnKeys {
  turns: string;
  prioritized: string;
  /** Key of the job that waits or is handled under an id, as BullMQ keeps it. */
  known: (id: string) => string;
}

/**
 * Start-time fair queueing: the n-th job of a group belongs to the n-th turn, counted from the turn that is being
 * served when the group comes. The number of the turn is the job's priority, so groups take turns, jobs of one group
 * keep their order, and a group that was busy before is neither ahead nor behind.
 */
export function createFairTurns(redis: Redis, keys: FairTurnKeys) {
  return {
    /** The priority of the next job of a group, from 1; `undefined` when the id waits or is handled already. */
    async next({ id, group }: { id: string; group: string }): Promise<number | undefined> {
      const turn = await redis.eval(
        NEXT,
        3,
        keys.turns,
        keys.prioritized,
        keys.known(id),
        `g:${group}`,
        RESTART_AFTER,
        MAX_TAG,
      );
      return typeof turn === 'number' && turn > 0 ? turn : undefined;
    },

    /** A job of this priority has begun: its turn is the one that is being served. */
    async began(priority: number): Promise<void> {
      await redis.eval(BEGAN, 1, keys.turns, priority);
    },
  };
}

// `now` is the turn that is being served, `base` what is taken off for the priority.
const NEXT = `
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
local now = tonumber(redis.call('HGET', KEYS[1], 'now') or '0')
local base = tonumber(redis.call('HGET', KEYS[1], 'base') or '0')
if now - base > tonumber(ARGV[2]) and redis.call('ZCARD', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[1])
  base = now
  redis.call('HSET', KEYS[1], 'now', now, 'base', base)
end
local turn = math.max(now, tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0'))
redis.call('HSET', KEYS[1], ARGV[1], turn + 1)
return math.min(turn - base + 1, tonumber(ARGV[3]))
`;

const BEGAN = `
local base = tonumber(redis.call('HGET', KEYS[1], 'base') or '0')
local turn = base + tonumber(ARGV[1]) - 1
if turn > tonumber(redis.call('HGET', KEYS[1], 'now') or '0') then redis.call('HSET', KEYS[1], 'now', turn) end
return 0
`;
