// lm-watermarking's "unicode" normalizer: NFC, odd spaces and joiners to spaces, runs of spaces to one, then every control
// character dropped, newlines and tabs included. It destroys the tokens of source code, so it is off unless asked for.

/** Spaces, joiners and format characters that the reference turns into a plain space. */
const SPACE_LIKE =
  /[\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]/g;

export function normalizeLikeLmWatermarking(text: string): string {
  return text
    .normalize('NFC')
    .replace(SPACE_LIKE, ' ')
    .replace(/ +/g, ' ')
    .replace(/\p{Cc}/gu, '');
}
