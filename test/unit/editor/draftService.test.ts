// From a document to drafts and back through the model process as it ships, with the model in the box; only the editor itself is
// a stand-in.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('vscode', () => import('./vscodeStandIn'));

import type * as vscode from 'vscode';
import { createDraftCompletions } from '../../../src/editor/draftCompletions';
import {
  createDraftService,
  type DocumentDrafts,
  type DraftOptions,
  type DraftService,
} from '../../../src/editor/draftService';
import type { EngineReply } from '../../../src/engine/engineProtocol';
import { createModelClient, type ModelClient } from '../../../src/engine/modelClient';
import type { LocalModel } from '../../../src/localModel';
import { buildBundle, type BuiltBundle } from '../engine/builtWorker';
import {
  CancellationTokenSource,
  InlineCompletionTriggerKind,
  TabInputText,
  TextDocument,
  window,
  workspace,
  world,
} from './vscodeStandIn';

const BEFORE =
  'export function totalLength(items: string[]): number {\n  let total = 0;\n  for (const item of items) {\n    total += item.len';
const invoked = {
  triggerKind: InlineCompletionTriggerKind.Invoke,
  selectedCompletionInfo: undefined,
} as unknown as vscode.InlineCompletionContext;
const AFTER = ';\n  }\n  return total;\n}\n';

describe('drafts through the model process', () => {
  let bundle: BuiltBundle;
  let client: ModelClient;
  let service: DraftService;
  const drafts = (
    before: string,
    after = '',
    options: DraftOptions = {},
    token?: unknown,
  ): Promise<EngineReply<DocumentDrafts>> => {
    const document = new TextDocument(before + after);
    return service.drafts(
      document as unknown as vscode.TextDocument,
      document.positionAt(before.length) as unknown as vscode.Position,
      options,
      token as vscode.CancellationToken | undefined,
    );
  };
  const done = async (reply: Promise<EngineReply<DocumentDrafts>>): Promise<DocumentDrafts> => {
    const answered = await reply;
    if (!answered.ok) throw new Error(answered.error.message);
    return answered.value;
  };
  // The client does not keep its host alive.
  const alive = setInterval(() => undefined, 1000);

  beforeAll(async () => {
    bundle = buildBundle('src/engine/modelProcess.ts', 'modelProcess.js');
    client = createModelClient({ processPath: bundle.path });
    const loaded = await client.request('load', { path: 'models/tessera-tiny', threads: 1 });
    if (!loaded.ok) throw new Error(loaded.error.message);
    const localModel = {
      server: () => Promise.resolve(undefined),
      request: (...args: Parameters<ModelClient['request']>) => client.request(...args),
    };
    service = createDraftService(localModel as unknown as LocalModel);
  });
  afterAll(async () => {
    clearInterval(alive);
    service.dispose();
    await client.dispose();
    bundle.remove();
  });
  beforeEach(() => {
    world.settings = new Map<string, unknown>([
      ['tessera.drafts.count', 3],
      ['tessera.drafts.method', 'forked'],
      ['tessera.drafts.maxTokens', 16],
    ]);
    world.writable = new Map([['file', true]]);
  });

  it('drafts inside a word, the same in CRLF, and says where the text goes', async () => {
    const found = await done(drafts(BEFORE, AFTER));
    expect(found.drafts[0]!.text.startsWith('gth')).toBe(true);
    expect(found.word.start.character).toBe(found.position.character - 'len'.length);
    const windows = await done(drafts(BEFORE.replaceAll('\n', '\r\n'), AFTER.replaceAll('\n', '\r\n')));
    // The same prompt; sums of floats may differ in their last digits when it comes from the cache.
    expect(windows.drafts.map(({ text }) => text)).toEqual(found.drafts.map(({ text }) => text));
  });

  it('feeds inline completions', async () => {
    const told: string[] = [];
    const completions = createDraftCompletions(service, {
      problem: (message) => told.push(message),
      note: (message) => told.push(message),
    });
    const document = new TextDocument(BEFORE + AFTER);
    const items = await completions.provideInlineCompletionItems(
      document as unknown as vscode.TextDocument,
      document.positionAt(BEFORE.length) as unknown as vscode.Position,
      invoked,
      new CancellationTokenSource().token,
    );
    expect(items[0]!.insertText).toMatch(/^length/);
    expect(told).toEqual([]);
  });

  it('takes the settings, and what the caller wishes before them', async () => {
    world.settings.set('tessera.drafts.method', 'nonsense').set('tessera.drafts.count', 500);
    expect((await done(drafts(BEFORE, AFTER))).method).toBe('forked');
    expect((await done(drafts(BEFORE, AFTER, { method: 'greedy' }))).drafts).toHaveLength(1);
    world.settings.set('tessera.drafts.documentWeight', 1).set('tessera.drafts.count', 2);
    expect((await done(drafts(BEFORE, AFTER))).method).toBe('ensemble');
    expect((await done(drafts(BEFORE, AFTER, { explain: true, method: 'beam' }))).why).toBeDefined();
  });

  it('cancels at once, and the next request is served', async () => {
    const source = new CancellationTokenSource();
    const long: DraftOptions = { method: 'nucleus', maxTokens: 200, singleLine: false };
    const reply = drafts(`${BEFORE}x`, AFTER, long, source.token);
    source.cancel();
    expect(await reply).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(service.busy).toBe(0);
    expect((await done(drafts(BEFORE, AFTER))).drafts.length).toBeGreaterThan(0);
  });

  it('reads other open files of the language, and no others', async () => {
    const other = new TextDocument('export const helper = 1;\n'.repeat(40), 'file:///helper.ts');
    const closed = new TextDocument('export const closed = 1;\n'.repeat(40), 'file:///closed.ts');
    workspace.textDocuments.push(other, closed);
    window.tabGroups = { all: [{ tabs: [{ input: new TabInputText(other.uri) }] }] };
    const { notes } = await done(drafts(BEFORE, AFTER));
    expect(notes.join()).toContain('Parts of 1 other open file ');
    workspace.textDocuments.length = 0;
  });

  it('survives ugly places', async () => {
    expect(await drafts('face = "\ud83d', '\ude00";')).toMatchObject({
      ok: false,
      error: { code: 'badRequest', message: 'The cursor stands inside a character.' },
    });
    const places: readonly (readonly [string, string])[] = [
      ['', ''],
      [`const text = "${'word '.repeat(2000)}`, '";\n'],
      ['x'.repeat(20_000), ''],
      ['let s = "<|endoftext|><fim_mid', 'dle>";\n'],
      ['naïve = "caf', 'é";'],
      ['東京タワ', 'ー'],
      ['\t\t\t\n\n\n  ', '\n\n'],
      ['\u0000\u0001\ufffd', '\ud800'],
    ];
    for (const [before, after] of places) {
      const found = await done(drafts(before, after));
      for (const { text } of found.drafts) expect(text).not.toContain('\ufffd');
    }
  });

  it('compares the next byte', async () => {
    const document = new TextDocument(BEFORE + AFTER);
    const reply = await service.nextByte(
      document as unknown as vscode.TextDocument,
      document.positionAt(BEFORE.length) as unknown as vscode.Position,
    );
    if (!reply.ok) throw new Error(reply.error.message);
    expect(reply.value.rows[0]!.byte).toBe('g'.charCodeAt(0));
  });
});
