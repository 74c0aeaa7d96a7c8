// What the tooltip and the list say about the local model in every state it can be in.
import { describe, expect, it } from 'vitest';
import { fileSize, lastName, localModelLines, summaryLine } from '../../../src/editor/localModelText';
import type { ModelStatus } from '../../../src/engine/modelProtocol';
import type { LocalModelState } from '../../../src/localModel';
import type { ModelChoice } from '../../../src/modelSettings';
import { fillIn as translate } from './translation';

const numbers = new Intl.NumberFormat('en');
const description = {
  name: 'coder',
  folder: '/models/coder',
  graphFile: 'model.onnx',
  graphBytes: 29_800_000,
  runtime: 'native',
  runtimeVersion: 'onnxruntime-node 1.30.0',
  layers: 14,
  contextLength: 4096,
  vocabularySize: 16_384,
  embeddingSize: 384,
  treeSteps: true,
  fimFamily: 'starcoder',
  bytesPerCachedToken: 4096,
  loadMilliseconds: 200,
  limits: [],
} as const;
const status: ModelStatus = {
  description,
  stepCost: undefined,
  residentBytes: 142_000_000,
  tokensPerSecond: 1234.5,
  cachedTokens: 10,
};
const about = (
  state: LocalModelState,
  known?: ModelStatus,
  problem?: string,
  choice: ModelChoice = { kind: 'embedded' },
): ReturnType<typeof localModelLines> =>
  localModelLines({ choice, state, problem, status: known }, 'tessera-tiny', numbers, translate);

describe('the tooltip about the local model', () => {
  it('gives name, size, memory and speed while it runs, and no memory while it sleeps', () => {
    expect(about('ready', status)).toEqual({
      lines: ['Local model: coder · 30 MB · 142 MB of memory · 1,235 tokens/s'],
      restart: false,
    });
    expect(about('asleep', status).lines).toEqual(['Local model: coder · 30 MB · asleep · 1,235 tokens/s']);
    const wasm: ModelStatus = { ...status, description: { ...description, runtime: 'wasm' } };
    expect(about('ready', wasm).lines[0]).toContain('WebAssembly');
  });

  it('names the chosen model before anything is known about it', () => {
    expect(about('unloaded').lines).toEqual(['Local model: tessera-tiny, loaded when first used']);
    const choice: ModelChoice = { kind: 'folder', path: 'C:\\models\\qwen\\' };
    expect(about('loading', undefined, undefined, choice).lines).toEqual(['Local model: qwen, loading']);
  });

  it('says why it cannot be used and offers a restart', () => {
    const choice: ModelChoice = { kind: 'folder', path: '/models/broken' };
    expect(about('failed', undefined, 'The file is damaged.', choice)).toEqual({
      lines: ['Local model: broken cannot be used', 'The file is damaged.'],
      restart: true,
    });
    expect(about('stopped').restart).toBe(true);
  });

  it('names a server with its address', () => {
    const choice: ModelChoice = { kind: 'server', url: 'http://127.0.0.1:8080', model: 'coder' };
    expect(about('server', undefined, undefined, choice).lines).toEqual([
      'Model server: coder at http://127.0.0.1:8080',
    ]);
  });
});

describe('a line of the list of models', () => {
  const summary = {
    name: 'coder',
    folder: '/models/coder',
    graphFile: 'model.onnx',
    graphBytes: 1_530_000_000,
    contextLength: 32_768,
    fimFamily: undefined,
    embeddings: undefined,
    licence: 'apache-2.0',
    limits: [],
  };
  it('says size, context, what it can and cannot do, and the licence', () => {
    expect(summaryLine(summary, numbers, translate)).toBe(
      '1.5 GB · 32,768 tokens of context · no fill-in-the-middle · superposed drafts: known when loaded · apache-2.0',
    );
    expect(
      summaryLine(
        { ...summary, fimFamily: 'qwen', embeddings: true, licence: undefined },
        numbers,
        translate,
      ),
    ).toContain('fill-in-the-middle (qwen) · superposed drafts · licence not stated');
  });

  it('writes sizes with one unit, and finds names in paths of any system', () => {
    expect([812, 4_480_390, 29_800_000].map((bytes) => fileSize(bytes, numbers, translate))).toEqual([
      '0.8 kB',
      '4.5 MB',
      '30 MB',
    ]);
    expect(['/a/b/', 'C:\\x\\y', 'plain'].map(lastName)).toEqual(['b', 'y', 'plain']);
  });
});
