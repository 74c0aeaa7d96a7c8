// The small tokenizer files of test/fixtures/tokenizers and what their own libraries say about 346 texts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ExpectedCase {
  readonly ids: readonly number[];
  /** Ids when special tokens in the text count as text; absent when they are the same. */
  readonly documentIds?: readonly number[];
  readonly decoded: string;
}

interface Expected {
  readonly strings: readonly string[];
  readonly files: Readonly<Record<string, readonly ExpectedCase[]>>;
}

const FOLDER = join(import.meta.dirname, '../../../../fixtures/tokenizers');

export const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Expected;

export const fixtureBytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, name)));
export const fixtureText = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
export const fixtureNames = (ending: string): string[] =>
  Object.keys(expected.files).filter((name) => name.endsWith(ending));

/** Ends must never run backwards, and the last may not lie outside the text. */
export function endsAreOrdered(text: string, byteEnds: Uint32Array, utf16Ends: Uint32Array): boolean {
  let [byte, unit] = [0, 0];
  for (let i = 0; i < byteEnds.length; i++) {
    if (byteEnds[i]! < byte || utf16Ends[i]! < unit) return false;
    [byte, unit] = [byteEnds[i]!, utf16Ends[i]!];
    if (byte < new TextEncoder().encode(text.slice(0, unit)).length) return false;
  }
  return unit <= text.length && byte <= new TextEncoder().encode(text).length;
}
