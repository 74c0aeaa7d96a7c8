// tiktoken's rank tables as npm tiktoken carries them: lines of `! first token token …`, tokens in base64, ranks
// counting up from `first`. Source: the encoders of npm tiktoken 1.0.22.

export type RanksResult =
  | { readonly ok: true; readonly tokens: (Uint8Array | undefined)[] }
  | { readonly ok: false; readonly reason: string };

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** More ranks than any vocabulary has; a larger first rank is damage. */
const MOST_RANKS = 1 << 22;

/** Tokens in rank order, `undefined` for a rank that is left free. */
export function parseTiktokenRanks(text: string): RanksResult {
  const tokens: (Uint8Array | undefined)[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [mark, first, ...encoded] = line.split(' ');
    let rank = Number(first);
    if (
      mark !== '!' ||
      !Number.isInteger(rank) ||
      rank < tokens.length ||
      rank + encoded.length > MOST_RANKS
    ) {
      return { ok: false, reason: `Not a tiktoken rank table: a line starts with "${line.slice(0, 20)}".` };
    }
    while (tokens.length < rank) tokens.push(undefined);
    for (const token of encoded) {
      const bytes = decodeBase64(token);
      if (!bytes) return { ok: false, reason: `Rank ${rank} of the tiktoken table is not base64.` };
      tokens[rank++] = bytes;
    }
  }
  return { ok: true, tokens };
}

/** Bytes of base64 text, or undefined when it is not base64 or stands for nothing. */
export function decodeBase64(text: string): Uint8Array | undefined {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end--;
  const length = Math.floor((end * 3) / 4);
  if (length === 0 || text.length - end > 2) return undefined;
  const bytes = new Uint8Array(length);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < end; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >>> bits;
  }
  return bytes;
}

const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < BASE64.length; i++) VALUES[BASE64.charCodeAt(i)] = i;
