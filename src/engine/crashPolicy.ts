// When to stop restarting a helper that keeps dying: three crashes within five minutes.

export interface CrashPolicy {
  /** Notes a crash at `now` (milliseconds); true when the helper must not be started again. */
  crashed(now: number): boolean;
  /** Forgets what happened, because the user asked for another try. */
  reset(): void;
}

export function createCrashPolicy(limit = 3, windowMs = 5 * 60_000): CrashPolicy {
  let times: readonly number[] = [];
  return {
    crashed: (now) => {
      times = [...times.filter((time) => now - time < windowMs), now];
      return times.length >= limit;
    },
    reset: () => {
      times = [];
    },
  };
}
