import { describe, expect, it } from 'vitest';
import { PanelState } from '../../webview/panelState';
import { emptyMemory } from '../../src/shared/panelMemory';

function stored(initial?: unknown) {
  const writes: unknown[] = [];
  const waiting: (() => void)[] = [];
  const state = new PanelState(
    { getState: () => initial, setState: (value) => void writes.push(value) },
    (write) => void waiting.push(write),
  );
  return { state, writes, run: () => waiting.splice(0).forEach((write) => write()) };
}

describe('the state of the panel', () => {
  it('starts from what was stored', () => {
    expect(stored({ ...emptyMemory, anchor: 99 }).state.current.anchor).toBe(99);
  });

  it('gathers many changes into one write of the last', () => {
    const { state, writes, run } = stored();
    for (let anchor = 1; anchor <= 50; anchor++) state.update({ anchor });
    expect(writes).toEqual([]);
    run();
    expect(writes).toEqual([{ ...emptyMemory, anchor: 50 }]);
  });

  it('writes nothing when nothing changes', () => {
    const { state, writes, run } = stored();
    state.update({ anchor: 0, layout: 'text' });
    run();
    expect(writes).toEqual([]);
  });

  it('writes at once when the page goes, and not a second time', () => {
    const { state, writes, run } = stored();
    state.update({ layout: 'table' });
    state.flush();
    run();
    expect(writes).toEqual([{ ...emptyMemory, layout: 'table' }]);
  });
});
