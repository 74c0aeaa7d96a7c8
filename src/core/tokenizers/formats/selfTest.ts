// Does a tokenizer give texts back? Encoding and decoding a few texts of many scripts shows what it loses: lower-casing
// and unknown tokens are how some files are meant, and a user should know.
import type { Tokenizer } from '../tokenizer';

const SAMPLES: readonly string[] = [
  'The quick brown fox jumps over the lazy dog.',
  '  def f(x):\n\treturn x ** 2  # squares\r\n',
  'Zürich, naïve café, Ærøskøbing, Łódź',
  'Съешь же ещё этих мягких французских булок',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία',
  '敏捷的棕色狐狸跳过了懒狗。',
  'いろはにほへと ちりぬるを',
  '다람쥐 헌 쳇바퀴에 타고파',
  'صِف خَلقَ خَودٍ كَمِثلِ الشَمسِ',
  'दुःखम् आयुः ऋते',
  '1234567890 3.14159 1e-9 0xFF',
  '👩‍👩‍👧‍👦 🇺🇳 e\u0301 \u200b\ufeff',
];

export interface SelfTest {
  readonly tried: number;
  /** Texts that decoding gives back byte by byte. */
  readonly givenBack: number;
  /** The first text that is not given back, and what comes instead; null when there is none. */
  readonly firstLoss: { readonly text: string; readonly back: string } | null;
}

/** Encodes and decodes the samples. */
export function selfTest(tokenizer: Tokenizer): SelfTest {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let givenBack = 0;
  let firstLoss: SelfTest['firstLoss'] = null;
  for (const text of SAMPLES) {
    const back = decoder.decode(tokenizer.decodeBytes(tokenizer.encode(text)));
    if (back === text) givenBack++;
    else firstLoss ??= { text, back };
  }
  return { tried: SAMPLES.length, givenBack, firstLoss };
}
