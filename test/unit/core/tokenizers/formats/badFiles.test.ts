// Bad tokenizer files: each gets a named error and a message that says what to do; nothing crashes, hangs or
// allocates by what the file claims.
import r50k from 'tiktoken/encoders/r50k_base';
import { describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES } from '../../../../../src/core/tokenizers/formats/formatResult';
import { readTokenizerFile } from '../../../../../src/core/tokenizers/formats/tokenizerFileReader';
import { expected, fixtureBytes, fixtureNames, fixtureText } from './tokenizerFixtures';

const bytesOf = (content: unknown): Uint8Array =>
  new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));

function reasonOf(bytes: Uint8Array, name = 'file'): { code: string; message: string } | null {
  const result = readTokenizerFile(bytes, { name });
  return result.ok ? null : result.reason;
}

type Json = Record<string, unknown>;
const gpt2 = (): { model: { vocab: Record<string, number>; merges: unknown[] } & Json } & Json =>
  JSON.parse(fixtureText('bpe-gpt2.json')) as ReturnType<typeof gpt2>;

/** The gpt2 fixture with one thing changed. */
function changed(change: (file: ReturnType<typeof gpt2>) => void): Uint8Array {
  const file = gpt2();
  change(file);
  return bytesOf(file);
}

const split = (regex: string): Uint8Array =>
  changed((file) => {
    file['pre_tokenizer'] = { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
  });

function nested(depth: number): Json {
  let part: Json = { type: 'Lowercase' };
  for (let i = 0; i < depth; i++) part = { type: 'Sequence', normalizers: [part] };
  return part;
}

const ranks = (change: (lines: string[]) => void): Uint8Array => {
  const tokens = r50k.bpe_ranks.split('\n')[0]!.split(' ').slice(2, 1002);
  const lines = tokens.map((token, rank) => `${token} ${rank}`);
  change(lines);
  return bytesOf(lines.join('\n'));
};

/** A protobuf field: tag, then a length that may lie, then bytes. */
const lengthField = (tag: number, length: readonly number[], body: readonly number[] = []): Uint8Array =>
  Uint8Array.from([tag, ...length, ...body]);
const TEN_GIGABYTES = [0x80, 0x80, 0x80, 0xa0, 0x25];

const BAD: readonly (readonly [what: string, code: string, bytes: () => Uint8Array])[] = [
  ['an empty file', 'empty-file', () => new Uint8Array(0)],
  ['zeros', 'unknown-format', () => new Uint8Array(100)],
  ['plain text', 'unknown-format', () => bytesOf('hello, I am not a tokenizer')],
  ['a web page', 'unknown-format', () => bytesOf('<!DOCTYPE html><title>Sign in</title>')],
  [
    'a Git LFS pointer',
    'unknown-format',
    () => bytesOf('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
  ],
  ['an archive', 'unknown-format', () => Uint8Array.of(0x1f, 0x8b, 8, 0, 0)],
  ['a GGUF model', 'unknown-format', () => bytesOf('GGUF\u0003\0\0\0')],
  [
    'a file of another kind with a model’s name',
    'unknown-format',
    () => bytesOf({ architectures: ['LlamaForCausalLM'] }),
  ],
  ['a JSON list', 'bad-field', () => bytesOf([1, 2])],
  ['a JSON cut off', 'truncated', () => bytesOf(fixtureText('bpe-gpt2.json').slice(0, 9000))],
  ['broken JSON', 'bad-json', () => bytesOf('{"model": nope}')],
  ['JSON that is not UTF-8', 'bad-text', () => Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d)],
  ['a later version', 'unsupported-version', () => changed((file) => (file['version'] = '2.0'))],
  ['an unknown model', 'unsupported-part', () => changed((file) => (file.model['type'] = 'Neural'))],
  [
    'an unknown normalizer',
    'unsupported-part',
    () => changed((file) => (file['normalizer'] = { type: 'Rot13' })),
  ],
  ['an unknown decoder', 'unsupported-part', () => changed((file) => (file['decoder'] = { type: 'Rot13' }))],
  ['parts nested too deep', 'too-deep', () => changed((file) => (file['normalizer'] = nested(40)))],
  ['two tokens with one id', 'duplicate-id', () => changed((file) => (file.model.vocab['zzz'] = 5))],
  [
    'an id that is no whole number',
    'bad-vocabulary',
    () => changed((file) => (file.model.vocab['zzz'] = 0.5)),
  ],
  ['a negative id', 'bad-vocabulary', () => changed((file) => (file.model.vocab['zzz'] = -1))],
  ['an id of two thousand million', 'too-large', () => changed((file) => (file.model.vocab['zzz'] = 2e9))],
  [
    'an id that is a text',
    'bad-vocabulary',
    () => changed((file) => ((file.model.vocab as Json)['zzz'] = '7')),
  ],
  ['an empty vocabulary', 'bad-vocabulary', () => changed((file) => (file.model.vocab = {}))],
  [
    'a merge that makes its own part',
    'bad-merge',
    () =>
      changed((file) => {
        file.model['continuing_subword_prefix'] = 'a';
        file.model.merges.push(['b', 'a']);
      }),
  ],
  ['a merge of three', 'bad-merge', () => changed((file) => file.model.merges.push('a b c'))],
  [
    'a merge without its token',
    'missing-token',
    () => changed((file) => file.model.merges.push(['zq', 'zq'])),
  ],
  ['merges that are a number', 'bad-field', () => changed((file) => ((file.model as Json)['merges'] = 7))],
  [
    'an added token without a text',
    'bad-field',
    () => changed((file) => (file['added_tokens'] = [{ id: 1 }])),
  ],
  ['an exponential pattern', 'regex-may-hang', () => split('(a|a)*$')],
  ['an exponential pattern of classes', 'regex-may-hang', () => split(String.raw`(?:\p{L}+)+\d`)],
  ['a cubic pattern', 'regex-may-hang', () => split(String.raw`\s*\s*\s*\s*x`)],
  ['a pattern that does not close', 'bad-regex', () => split('(a')],
  ['a pattern JavaScript cannot say', 'unsupported-part', () => split(String.raw`(?<a>x)\k<a>\K`)],
  ['a pattern of 100 000 letters', 'too-large', () => split('a'.repeat(100_000))],
  ['a pattern of 10 000 groups', 'too-deep', () => split('('.repeat(9000) + ')'.repeat(9000))],
  [
    'a character map with a length that lies',
    'bad-charsmap',
    () =>
      changed((file) => {
        file['normalizer'] = { type: 'Precompiled', precompiled_charsmap: 'AAAAgP8=AAAA'.replace('=', 'A') };
      }),
  ],
  [
    'a character map that is not base64',
    'bad-base64',
    () =>
      changed((file) => {
        file['normalizer'] = { type: 'Precompiled', precompiled_charsmap: '!!!!' };
      }),
  ],
  [
    'a rank given twice',
    'duplicate-id',
    () => ranks((lines) => (lines[900] = lines[900]!.replace(/\d+$/, '12'))),
  ],
  [
    'a token given twice',
    'duplicate-token',
    () => ranks((lines) => (lines[900] = lines[899]!.replace(/\d+$/, '900'))),
  ],
  ['a rank file without a byte', 'missing-bytes', () => ranks((lines) => lines.splice(65, 1))],
  ['a rank file cut off', 'truncated', () => ranks((lines) => (lines[999] = 'IHRv'))],
  ['a rank of nine digits', 'bad-vocabulary', () => ranks((lines) => (lines[500] = 'IHRv 999999999'))],
  ['a rank file that is not base64', 'bad-base64', () => ranks((lines) => (lines[500] = 'I*rv 500'))],
  [
    'a tekken file with too few tokens',
    'truncated',
    () =>
      bytesOf({
        config: { pattern: '.', default_vocab_size: 2000, default_num_special_tokens: 10 },
        vocab: [],
      }),
  ],
  [
    'a tekken file of a later version',
    'unsupported-version',
    () => bytesOf({ config: { version: 'v99' }, vocab: [] }),
  ],
  ['a model with a field of 10 GB', 'truncated', () => lengthField(0x0a, TEN_GIGABYTES)],
  ['a piece with a text of 10 GB', 'truncated', () => lengthField(0x0a, [6], [0x0a, ...TEN_GIGABYTES])],
  [
    'a model with an endless number',
    'bad-protobuf',
    () => lengthField(0x0a, new Array<number>(12).fill(0xff), [1]),
  ],
  ['a model without pieces', 'bad-vocabulary', () => lengthField(0x0a, [0])],
  ['a model with a text that is not UTF-8', 'bad-text', () => lengthField(0x0a, [3], [0x0a, 1, 0xff])],
  ['a model cut off', 'truncated', () => fixtureBytes('spm-bpe.model').subarray(0, 6000)],
];

describe('a bad file is refused by name', () => {
  test.each(BAD)('%s: %s', (_, code, bytes) => {
    const reason = reasonOf(bytes());
    expect(reason?.code).toBe(code);
    expect(reason?.message).toMatch(/^.{30,}[.)]$/s);
  });

  test('a file larger than any tokenizer is refused before it is read', () => {
    const sparse = new Uint8Array(MAX_FILE_BYTES + 1);
    expect(reasonOf(sparse)?.code).toBe('too-large');
  });
});

describe('a good file damaged at random', () => {
  /** Mulberry32: the same damage on every run. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }
  const names = [
    'spm-bpe.model',
    'bpe-fallback.json',
    'wordpiece-cased.json',
    ...fixtureNames('.model').slice(-1),
  ];

  test.each(names)('%s is read or refused, and what is read works', (name) => {
    const good = fixtureBytes(name);
    const next = random(20261124);
    for (let round = 0; round < 60; round++) {
      const bytes = Uint8Array.from(good);
      const flips = 1 + Math.floor(next() * 4);
      for (let i = 0; i < flips; i++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      const cut = next() < 0.3 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes;
      const result = readTokenizerFile(cut, { name });
      if (result.ok) for (const text of expected.strings.slice(0, 20)) result.tokenizer.encodeSpans(text);
      else expect(result.reason.message.length, `round ${round}`).toBeGreaterThan(20);
    }
  });
});
