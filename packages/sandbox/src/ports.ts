import { ApiError } from '@wegent/api';

/** Ports of one range, none given out twice. */
export interface PortPool {
  /** The lowest that is free. Throws `ServiceUnavailable` when there is none. */
  take(): number;
  /** Takes a port back; one that was not given out is no error. */
  give(port: number): void;
  /** Keeps a port that lives, such as that of a sandbox of an earlier process. False when it was in use already. */
  keep(port: number): boolean;
  /** Those in use. */
  readonly used: ReadonlySet<number>;
}

/** A pool that knows which ports live: after a restart they are told in `used`. */
export function createPortPool({
  min,
  max,
  used = [],
}: {
  min: number;
  max: number;
  used?: Iterable<number>;
}): PortPool {
  if (!isPort(min) || !isPort(max) || min > max) {
    throw new ApiError('Invalid', `ports: must be a range between 1 and 65535, not ${min}–${max}`);
  }
  const taken = new Set(used);
  return {
    used: taken,
    take() {
      for (let port = min; port <= max; port += 1) {
        if (taken.has(port)) continue;
        taken.add(port);
        return port;
      }
      throw new ApiError(
        'ServiceUnavailable',
        `all ${max - min + 1} ports of executors (${min}–${max}) are in use: end sandboxes, or widen EXECUTOR_PORT_RANGE_MIN and EXECUTOR_PORT_RANGE_MAX`,
      );
    },
    give: (port) => {
      taken.delete(port);
    },
    keep(port) {
      if (taken.has(port)) return false;
      taken.add(port);
      return true;
    },
  };
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535;
}
