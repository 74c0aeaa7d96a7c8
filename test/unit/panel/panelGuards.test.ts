import { describe, expect, it } from 'vitest';
import { DRAFT_METHODS } from '../../../src/core/decoding/completeDrafts';
import { draftLimit, draftMethods } from '../../../src/shared/draftsProtocol';
import { parseWebviewMessage } from '../../../src/shared/panelGuards';
import { emptyMemory, parsePanelMemory } from '../../../src/shared/panelMemory';
import { pageLimit } from '../../../src/shared/panelProtocol';
import { dropByteLimit } from '../../../src/shared/tokenizerDrop';
import type { WebviewMessage } from '../../../src/shared/panelProtocol';

const good: readonly WebviewMessage[] = [
  { type: 'ready' },
  { type: 'focusEditor' },
  { type: 'showWholeFile' },
  { type: 'retry' },
  { type: 'openLog' },
  { type: 'cancel', id: 4 },
  { type: 'setEncoding', encoding: 'o200k_base' },
  { type: 'setPinned', pinned: true },
  { type: 'reveal', generation: 3, index: 0, focus: false },
  { type: 'request', id: 1, generation: 1, name: 'tokenPage', params: { first: 0, count: pageLimit } },
  { type: 'request', id: 2, generation: 1, name: 'tokenFacts', params: { index: 12 } },
  {
    type: 'request',
    id: 4,
    generation: 0,
    name: 'addTokenizers',
    params: {
      files: [{ name: 'tokenizer.json', content: new Uint8Array([123, 125]) }],
      uris: ['file:///models/b.model'],
      tooLarge: ['weights.bin'],
    },
  },
  { type: 'request', id: 5, generation: 0, name: 'draftsSetup', params: {} },
  {
    type: 'request',
    id: 6,
    generation: 0,
    name: 'drafts',
    params: { method: 'superposed', count: draftLimit, seed: 0xffff_ffff },
  },
  { type: 'request', id: 7, generation: 0, name: 'acceptDraft', params: { run: 1, draft: draftLimit - 1 } },
  { type: 'request', id: 8, generation: 0, name: 'modelCommand', params: { command: 'restart' } },
  { type: 'request', id: 3, generation: 1, name: 'findId', params: { id: 7, from: 0, direction: 'next' } },
];

/** A request of the Drafts view. */
const drafting = (name: string, params: unknown) => ({ type: 'request', id: 1, generation: 0, name, params });

describe('requests for drafts', () => {
  it('know every method of the decoder', () => {
    expect([...draftMethods].sort()).toEqual([...DRAFT_METHODS].sort());
  });

  it.each([
    ['a method that is none', drafting('drafts', { method: 'constructor', count: 3, seed: 0 })],
    ['no drafts', drafting('drafts', { method: 'forked', count: 0, seed: 0 })],
    ['too many drafts', drafting('drafts', { method: 'forked', count: draftLimit + 1, seed: 0 })],
    ['a fractional seed', drafting('drafts', { method: 'forked', count: 3, seed: 0.5 })],
    ['a negative seed', drafting('drafts', { method: 'forked', count: 3, seed: -1 })],
    ['a draft by its text', drafting('acceptDraft', { run: 1, draft: 'rm -rf' })],
    ['a draft beyond the limit', drafting('acceptDraft', { run: 1, draft: draftLimit })],
    ['another command', drafting('modelCommand', { command: 'workbench.action.quit' })],
    ['a set-up with parameters', drafting('draftsSetup', { path: '/etc/passwd' })],
  ])('are refused with %s', (_, message) => {
    expect(parseWebviewMessage(message)).toBeUndefined();
  });

  it('remember method, number, seed and part only when they make sense', () => {
    const stored = { ...emptyMemory, draftMethod: 'beam', draftCount: 5, draftSeed: 9, why: 'tree' };
    expect(parsePanelMemory(stored)).toEqual(stored);
    const odd = { draftMethod: 'none', draftCount: 400, draftSeed: -2, why: 7 };
    expect(parsePanelMemory(odd)).toMatchObject({
      draftMethod: '',
      draftCount: draftLimit,
      draftSeed: 0,
      why: 'covers',
    });
  });
});

describe('messages from the webview', () => {
  it.each([
    ['nothing', { files: [], uris: [], tooLarge: [] }],
    ['a path', { files: [{ name: '../a', content: new Uint8Array(1) }], uris: [], tooLarge: [] }],
    ['a text', { files: [{ name: 'a', content: '{}' }], uris: [], tooLarge: [] }],
    ['a word', { files: [], uris: ['/etc/passwd'], tooLarge: [] }],
    ['too many', { files: [], uris: Array<string>(9).fill('file:///a'), tooLarge: [] }],
    [
      'too much',
      { files: [{ name: 'a', content: new Uint8Array(dropByteLimit + 1) }], uris: [], tooLarge: [] },
    ],
  ])('are refused when they drop %s', (_, params) => {
    const message = { type: 'request', id: 1, generation: 0, name: 'addTokenizers', params };
    expect(parseWebviewMessage(message)).toBeUndefined();
  });

  it.each(
    good.map((message) => [message.type === 'request' ? message.name : message.type, message] as const),
  )('are taken when well formed: %s', (_, message) => {
    expect(parseWebviewMessage(structuredClone(message))).toEqual(message);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'ready'],
    ['an array', [{ type: 'ready' }]],
    ['no type', {}],
    ['an unknown type', { type: 'deleteFile', uri: 'file:///etc/passwd' }],
    ['an inherited name as type', { type: 'toString' }],
    [
      'an inherited name as request',
      { type: 'request', id: 1, generation: 1, name: 'constructor', params: {} },
    ],
    ['a request without parameters', { type: 'request', id: 1, generation: 1, name: 'tokenPage' }],
    ['a negative index', { type: 'reveal', generation: 1, index: -1, focus: true }],
    ['a fractional index', { type: 'reveal', generation: 1, index: 0.5, focus: true }],
    ['an index beyond 32 bits', { type: 'reveal', generation: 1, index: 2 ** 33, focus: true }],
    ['a text for a flag', { type: 'setPinned', pinned: 'yes' }],
    ['an empty encoding', { type: 'setEncoding', encoding: '' }],
    ['a very long encoding', { type: 'setEncoding', encoding: 'x'.repeat(201) }],
    [
      'no tokens',
      { type: 'request', id: 1, generation: 1, name: 'tokenPage', params: { first: 0, count: 0 } },
    ],
    [
      'more tokens than a page may have',
      {
        type: 'request',
        id: 1,
        generation: 1,
        name: 'tokenPage',
        params: { first: 0, count: pageLimit + 1 },
      },
    ],
    [
      'an unknown direction',
      { type: 'request', id: 1, generation: 1, name: 'findId', params: { id: 1, from: 0, direction: 'up' } },
    ],
  ])('are refused: %s', (_, message) => {
    expect(parseWebviewMessage(message)).toBeUndefined();
  });
});

describe('the remembered state', () => {
  it('comes back as it was stored', () => {
    const memory = {
      ...emptyMemory,
      uri: 'file:///a',
      pinned: true,
      layout: 'table',
      anchor: 17,
      active: 20,
    } as const;
    expect(parsePanelMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  });

  it.each([undefined, null, 'x', 3, [], {}])('falls back to its defaults for %j', (stored) => {
    expect(parsePanelMemory(stored)).toEqual(emptyMemory);
  });

  it('replaces only the fields that are odd', () => {
    expect(parsePanelMemory({ layout: 'spiral', anchor: -4, active: 5, view: 'nowhere', uri: 7 })).toEqual({
      ...emptyMemory,
      active: 5,
    });
  });
});
