// Every built-in encoding, chosen by settings, against tiktoken on text in many scripts.
import { strict as assert } from 'node:assert';
import type { TiktokenEncoding } from 'tiktoken';
import { SETTINGS } from '../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  openFile,
  referenceIds,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
} from './editorSession';

const text = [
  'def retry(action, *, attempts=5):\n\treturn action()  # naïve\n\n\n',
  'Die Bibliothek öffnet um neun; ΑΒΓ αβγ, Привет мир, تفتح المكتبة, पुस्तकालय, 図書館は九時, 도서관, ห้องสมุด.\n',
  "👩🏽‍🚀 👨‍👩‍👧‍👦 🇯🇵 𓂀 \u200b\u00a0 DON’T don't I'LL 12345678901 3.14e-10 ++==>>{{}}\n",
  '<|endoftext|> <|fim_prefix|> <|im_start|>user\n',
].join('');
// tiktoken's package has no o200k_harmony: it is o200k_base with other special tokens, which do not matter for ordinary text.
const references: Readonly<Record<string, TiktokenEncoding>> = {
  o200k_base: 'o200k_base',
  o200k_harmony: 'o200k_base',
  cl100k_base: 'cl100k_base',
  p50k_base: 'p50k_base',
  p50k_edit: 'p50k_edit',
  r50k_base: 'r50k_base',
  gpt2: 'gpt2',
};

describe('encodings', () => {
  afterEach(async () => {
    await setSetting(SETTINGS.encoding, undefined);
    await closeAllEditors();
  });

  for (const [encoding, reference] of Object.entries(references)) {
    it(`counts in ${encoding} as tiktoken does, with the same ids`, async () => {
      const { documents } = await tessera();
      await setSetting(SETTINGS.encoding, encoding);
      const editor = await openFile(`${encoding}.txt`, text);
      const expected = referenceIds(reference, text);
      const state = await eventually(`a count in ${encoding}`, () => {
        const now = documents.state(editor.document);
        return now?.kind === 'counted' && now.totals.tokenizer === encoding ? now : undefined;
      });
      assert.equal(state.totals.tokens, expected.length);
      const reply = await documents.query('spans', editor.document, {
        query: { by: 'index', first: 0, limit: 100_000 },
      });
      assert.ok(reply.ok, JSON.stringify(reply));
      assert.deepEqual([...reply.value.ids], [...expected]);
      assert.equal(reply.value.utf16Ends.at(-1), text.length);
      assert.equal(reply.value.byteEnds.at(-1), Buffer.byteLength(text));
    });
  }

  it('recounts the open file when the setting changes', async () => {
    await openFile('switched.txt', text);
    await statusShowing(tokensLabel(referenceIds('o200k_base', text).length));
    await setSetting(SETTINGS.encoding, 'r50k_base');
    const shown = await statusShowing(tokensLabel(referenceIds('r50k_base', text).length));
    assert.match(shown.tooltip.join('\n'), /r50k_base/);
  });

  it('counts the line ends that the file has', async () => {
    for (const [name, lines] of [
      ['unix.txt', 'one\n\n\n  two\n'],
      ['windows.txt', 'one\r\n\r\n\r\n  two\r\n'],
    ] as const) {
      const editor = await openFile(name, lines);
      assert.equal(editor.document.getText(), lines);
      assert.equal(await countedTokens(editor.document), referenceIds('o200k_base', lines).length);
    }
  });

  it('takes another encoding for one language only', async () => {
    await setSetting(SETTINGS.encoding, 'gpt2', 'markdown');
    try {
      const markdown = await openFile('language.md', text);
      assert.equal(await countedTokens(markdown.document), referenceIds('gpt2', text).length);
      const plain = await openFile('language.txt', text);
      assert.equal(await countedTokens(plain.document), referenceIds('o200k_base', text).length);
    } finally {
      await setSetting(SETTINGS.encoding, undefined, 'markdown');
    }
  });
});
