import { describe, expect, it } from 'vitest';
import { createCrashPolicy } from '../../../src/engine/crashPolicy';

const minute = 60_000;

describe('the crash policy', () => {
  it('gives up at the third crash within five minutes', () => {
    const policy = createCrashPolicy();
    expect([0, 1, 4].map((time) => policy.crashed(time * minute))).toEqual([false, false, true]);
  });

  it('does not add up crashes that are far apart', () => {
    const policy = createCrashPolicy();
    expect([0, 3, 6, 9, 12].map((time) => policy.crashed(time * minute))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('looks at a window that moves', () => {
    const policy = createCrashPolicy();
    expect([0, 6, 8, 9].map((time) => policy.crashed(time * minute))).toEqual([false, false, false, true]);
  });

  it('starts from nothing after a reset', () => {
    const policy = createCrashPolicy();
    policy.crashed(0);
    policy.crashed(1);
    policy.reset();
    expect(policy.crashed(2)).toBe(false);
  });
});
