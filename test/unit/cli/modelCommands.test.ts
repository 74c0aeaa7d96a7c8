// tessera model and tessera logprobs as a user runs them, on a small random model.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomWeights, SMALL, writeTreeFolder } from '../core/model/randomModel';
import { buildBundle, type BuiltBundle } from '../engine/builtWorker';

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('model commands', () => {
  let cli: BuiltBundle;
  const folder = mkdtempSync(join(tmpdir(), 'tessera-model-cli-'));
  const model = join(folder, 'model');
  const run = (args: readonly string[]): Promise<Run> =>
    new Promise((done) => {
      const child = spawn(process.execPath, [cli.path, ...args], { cwd: folder });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.on('close', (code) => done({ code, out, err }));
    });

  beforeAll(() => {
    cli = buildBundle('src/cli/main.ts', 'cli.js');
    writeTreeFolder(model, randomWeights(SMALL, 3));
    writeFileSync(join(folder, 'text.txt'), 'abcdefgh'.repeat(20));
  });
  afterAll(() => {
    cli.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('describes and times a model', async () => {
    const { code, out } = await run(['model', model, '--json', '--threads', '1']);
    expect(code).toBe(0);
    const described = JSON.parse(out) as { stepCost: { nodes: number[]; milliseconds: number[] } };
    expect(described).toMatchObject({ name: 'random', runtime: 'native', treeSteps: true, layers: 2 });
    expect(described.stepCost.nodes[0]).toBe(1);
    expect(described.stepCost.milliseconds.every((each) => each > 0)).toBe(true);
    expect((await run(['model', model])).out).toContain('one token');
  });

  it('scores a text the same natively and in WebAssembly', async () => {
    const scores = async (
      ...more: readonly string[]
    ): Promise<{
      tokens: number;
      bitsPerByte: number;
      scores: { start: number; end: number; logprob: number | null; rank: number | null }[];
    }> => {
      const { code, out, err } = await run(['logprobs', 'text.txt', '--model', model, '--json', ...more]);
      expect(err).toBe('');
      expect(code).toBe(0);
      return JSON.parse(out) as Awaited<ReturnType<typeof scores>>;
    };
    const native = await scores();
    expect(native.tokens).toBe(160);
    expect(native.scores[0]).toMatchObject({ start: 0, end: 1, logprob: null, rank: null });
    const wasm = await scores('--wasm');
    expect(wasm.bitsPerByte).toBeCloseTo(native.bitsPerByte, 4);
    const lines = (await run(['logprobs', 'text.txt', '--model', model])).out.trimEnd().split('\n');
    expect(lines).toHaveLength(160);
  });

  it('says what is wrong', async () => {
    expect(await run(['model', join(folder, 'nothing')])).toMatchObject({ code: 2, out: '' });
    expect((await run(['logprobs', 'gone.txt', '--model', model])).code).toBe(2);
    expect((await run(['logprobs'])).err).toContain('Name exactly one file');
    expect((await run(['model', model, '--threads', '65'])).err).toContain('1 to 64');
  });
});
