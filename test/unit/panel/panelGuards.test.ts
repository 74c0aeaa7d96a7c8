import { describe, expect, it } from 'vitest';
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
  { type: 'request', id: 3, generation: 1, name: 'findId', params: { id: 7, from: 0, direction: 'next' } },
];

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
