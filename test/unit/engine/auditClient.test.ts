// The stealability audit as it ships: the model process writes texts of the model in the box with and without a mark, the
// solver worker runs the attackers. A mark is learned, a control is not, and giving up ends the thread.
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudit, type AuditWorkerData } from '../../../src/engine/auditClient';
import { createModelClient, type ModelClient } from '../../../src/engine/modelClient';
import { buildBundle, type BuiltBundle } from './builtWorker';

const SETTINGS = '{"scheme":"unigram","fraction":0.25,"strength":4}';
const KEY = '982451653';

describe('the stealability audit', () => {
  let model: BuiltBundle;
  let solver: BuiltBundle;
  let client: ModelClient;
  let vocabularySize = 0;
  beforeAll(async () => {
    model = buildBundle('src/engine/modelProcess.ts', 'modelProcess.js');
    solver = buildBundle('src/engine/solverWorker.ts', 'solverWorker.js');
    client = createModelClient({ processPath: model.path });
    const loaded = await client.request('load', { path: resolve('models/tessera-tiny'), threads: 1 });
    if (!loaded.ok) throw new Error(loaded.error.message);
    ({ vocabularySize } = loaded.value);
  }, 120_000);
  afterAll(async () => {
    await client.dispose();
    model.remove();
    solver.remove();
  });

  const write = async (
    count: number,
    seed: number,
    marked: boolean,
  ): Promise<readonly (readonly number[])[]> => {
    const watermark = { settings: SETTINGS, key: KEY, vocabularySize };
    const params = { count, length: 80, seed, ...(marked ? { watermark } : {}) };
    const reply = await client.request('writeCompletions', params, { budgetMs: 300_000 });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.value.texts;
  };
  let written: Promise<AuditWorkerData> | undefined;
  const request = (): Promise<AuditWorkerData> => (written ??= writeAll());
  const writeAll = async (): Promise<AuditWorkerData> => ({
    wasmFolder: resolve('node_modules/highs/build'),
    audit: {
      scheme: { settings: SETTINGS, key: KEY, vocabularySize },
      marked: await write(40, 1, true),
      plain: await write(40, 2, false),
      control: await write(40, 3, false),
      heldOut: await write(20, 4, true),
      sizes: [20, 40],
      attackers: ['frequency', 'lp', 'lp-with-labels', 'mip'],
      timeLimitSeconds: 20,
      seed: 1,
    },
  });

  it('learns the list from marked texts of the local model and nothing from the control', async () => {
    const seen: string[] = [];
    const outcome = await runAudit(solver.path, await request(), {
      signal: new AbortController().signal,
      onResult: ({ attacker, completions, control }) => seen.push(`${attacker} ${completions} ${control}`),
    });
    if (outcome?.ok !== true) throw new Error(outcome?.reason ?? 'cancelled');
    expect(seen.length).toBe(2 * 4 * 2);
    for (const { attacker, control, completions, precision, coverage } of outcome.value) {
      const what = `${attacker} ${completions}${control ? ' control' : ''}: ${precision}`;
      // Where the detector calls no text marked there is nothing to steal, and no precision.
      if (control) expect(Number.isNaN(precision) || Math.abs(precision - 0.25) < 0.15, what).toBe(true);
      else if (completions === 40) expect(precision, what).toBeGreaterThan(0.5);
      expect(coverage).toBeLessThanOrEqual(1);
    }
  }, 300_000);

  it('is ended by its caller, and says what it cannot audit', async () => {
    const data = await request();
    const abort = new AbortController();
    const cancelled = runAudit(solver.path, data, { signal: abort.signal, onResult: () => abort.abort() });
    expect(await cancelled).toBeUndefined();
    const hooks = { signal: new AbortController().signal, onResult: () => undefined };
    const other = { settings: '{"scheme":"hf-kgw"}', key: '1', vocabularySize };
    const refused = await runAudit(solver.path, { ...data, audit: { ...data.audit, scheme: other } }, hooks);
    expect(refused?.ok === false && refused.reason).toMatch(/covers Unigram/);
    const few = await runAudit(solver.path, { ...data, audit: { ...data.audit, sizes: [400] } }, hooks);
    expect(few?.ok === false && few.reason).toMatch(/needs 400 completions/);
  }, 300_000);

  it('refuses a mark of another vocabulary', async () => {
    const watermark = { settings: SETTINGS, key: KEY, vocabularySize: 1000 };
    const reply = await client.request('writeCompletions', { count: 1, length: 4, seed: 1, watermark });
    expect(reply.ok ? '' : reply.error.message).toMatch(/vocabulary of 1000/);
  });
});
