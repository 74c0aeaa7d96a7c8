// How the model process is started and when it collects: a user's own settings win, no collection while a request is open.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { idleCollection, modelProcessEnvironment } from '../../../src/engine/modelProcessOptions';

describe('the environment of the model process', () => {
  it('asks the C library to give memory back and Electron to be Node', () => {
    const made = modelProcessEnvironment({ PATH: '/bin' });
    expect(made).toMatchObject({
      PATH: '/bin',
      ELECTRON_RUN_AS_NODE: '1',
      MALLOC_TRIM_THRESHOLD_: '131072',
    });
  });

  it('keeps what the user has set', () => {
    expect(modelProcessEnvironment({ MALLOC_TRIM_THRESHOLD_: '-1' })['MALLOC_TRIM_THRESHOLD_']).toBe('-1');
  });
});

describe('the idle collection', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs once, a second after the last of overlapping requests', () => {
    const collect = vi.fn();
    const collection = idleCollection(collect);
    collection.begin();
    collection.begin();
    collection.end();
    vi.advanceTimersByTime(5000);
    expect(collect).not.toHaveBeenCalled();
    collection.end();
    vi.advanceTimersByTime(999);
    expect(collect).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5000);
    expect(collect).toHaveBeenCalledOnce();
  });

  it('is put off by a request that begins meanwhile', () => {
    const collect = vi.fn();
    const collection = idleCollection(collect);
    collection.begin();
    collection.end();
    vi.advanceTimersByTime(500);
    collection.begin();
    vi.advanceTimersByTime(5000);
    expect(collect).not.toHaveBeenCalled();
  });

  it('does nothing where the collector cannot be called', () => {
    const collection = idleCollection(undefined);
    collection.begin();
    expect(() => collection.end()).not.toThrow();
    expect(vi.getTimerCount()).toBe(0);
  });
});
