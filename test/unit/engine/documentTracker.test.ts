// Documents in the real worker: totals follow every edit, and survive restarts, time-outs and crashes.
import { get_encoding, type Tiktoken } from 'tiktoken';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createDocumentTracker,
  type DocumentState,
  type DocumentTracker,
} from '../../../src/engine/documentTracker';
import { createEngineClient, type EngineClient } from '../../../src/engine/engineClient';
import { buildTokenWorker, type BuiltBundle } from './builtWorker';
import { editedText } from './textSource';

let worker: BuiltBundle;
let oracle: Tiktoken;
let client: EngineClient;
let tracker: DocumentTracker;

beforeAll(() => {
  worker = buildTokenWorker();
  oracle = get_encoding('o200k_base');
});
afterAll(() => {
  worker.remove();
  oracle.free();
});
beforeEach(() => {
  client = createEngineClient({ workerPath: worker.path, tablesFolder: 'assets/tables' });
  tracker = createDocumentTracker(client, { exactLimit: () => 1_000_000 });
});
afterEach(() => client.dispose());

/** Waits until the document's state satisfies `wanted`. */
async function until(key: string, wanted: (state: DocumentState) => boolean): Promise<DocumentState> {
  for (;;) {
    const state = tracker.state(key);
    if (state !== undefined && wanted(state)) return state;
    await new Promise<void>((resolve) => {
      const listening = tracker.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
  }
}
const counted = async (key: string, version: number) => {
  const state = await until(key, (each) => each.kind === 'counted' && each.totals.version === version);
  if (state.kind !== 'counted') throw new Error('unreachable');
  return state.totals;
};
const expected = (text: string): number => oracle.encode_ordinary(text).length;

describe('a followed document', () => {
  it('is counted as tiktoken counts it', async () => {
    const text = 'const answer = 42;\n// 日本語 and 🙂\n';
    tracker.track(editedText('a', text).source, 'o200k_base');
    const totals = await counted('a', 1);
    expect(totals.tokens).toBe(expected(text));
    expect(totals.bytes).toBe(Buffer.byteLength(text));
    expect(totals.characters).toBe(Array.from(text).length);
    expect(totals.provenance.exactness).toBe('exact');
  });
});
