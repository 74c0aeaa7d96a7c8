// Byte-level byte-pair encoding used to prepare the training data: pre-tokenizer pattern, merge training and encoding.
// The pattern is the one of the GPT-4/Qwen2 family with single digits; it is written to tokenizer.json so any engine reads it.

/** The pattern as stored in tokenizer.json (Oniguruma flavour) and the same one in JavaScript. */
export const STORED_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const PATTERN =
  /'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
export const SPECIALS = [
  "<|endoftext|>",
  "<fim_prefix>",
  "<fim_suffix>",
  "<fim_middle>",
  "<fim_pad>",
  "<file_sep>",
];

/** The pre-tokens of a text, in order; joined they give the text back. */
export function preTokens(text) {
  return text.match(PATTERN) ?? [];
}

/** Adds the pre-token counts of a text to `counts` (Map from string to count). */
export function countPreTokens(text, counts) {
  for (const word of preTokens(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
}

/**
 * Learns `mergeCount` merges from pre-token counts. Ids 0-255 are the bytes, merge i makes id 256 + i.
 * Ties go to the smaller pair, so the result depends on the counts alone.
 */
export function learnMerges(counts, mergeCount) {
  const encoder = new TextEncoder();
  const words = [];
  const weights = [];
  for (const [word, count] of counts) {
    const bytes = encoder.encode(word);
    if (count < 2 || bytes.length < 2 || bytes.length > 64) continue;
    words.push(Array.from(bytes));
    weights.push(count);
  }
  const pairCount = new Map();
  const pairWords = new Map();
  const key = (a, b) => a * 65536 + b;
  const add = (k, n, word) => {
    pairCount.set(k, (pairCount.get(k) ?? 0) + n);
    if (n > 0) {
      const set = pairWords.get(k);
      if (set) set.add(word);
      else pairWords.set(k, new Set([word]));
    }
  };
  words.forEach((ids, w) => {
    for (let i = 0; i + 1 < ids.length; i++) add(key(ids[i], ids[i + 1]), weights[w], w);
  });
  const merges = [];
  while (merges.length < mergeCount) {
    let best = -1;
    let bestCount = 1;
    for (const [k, n] of pairCount) if (n > bestCount || (n === bestCount && best >= 0 && k < best)) [best, bestCount] = [k, n];
    if (best < 0) break;
    const left = Math.floor(best / 65536);
    const right = best % 65536;
    const made = 256 + merges.length;
    merges.push([left, right]);
    for (const w of pairWords.get(best) ?? []) {
      const ids = words[w];
      const n = weights[w];
      for (let i = 0; i + 1 < ids.length; i++) {
        if (ids[i] !== left || ids[i + 1] !== right) continue;
        if (i > 0) {
          add(key(ids[i - 1], left), -n, w);
          add(key(ids[i - 1], made), n, w);
        }
        if (i + 2 < ids.length) {
          add(key(right, ids[i + 2]), -n, w);
          add(key(made, ids[i + 2]), n, w);
        }
        ids.splice(i, 2, made);
      }
    }
    pairCount.delete(best);
    pairWords.delete(best);
  }
  return merges;
}

/** Returns encode(text) → number[] of ids; pre-tokens are cached, so a corpus encodes at several MB a second. */
export function bytePairEncoder(merges) {
  const rank = new Map(merges.map(([a, b], i) => [a * 65536 + b, i]));
  const encoder = new TextEncoder();
  const cache = new Map();
  const encodeWord = (word) => {
    const ids = Array.from(encoder.encode(word));
    for (;;) {
      let best = Infinity;
      let at = -1;
      for (let i = 0; i + 1 < ids.length; i++) {
        const r = rank.get(ids[i] * 65536 + ids[i + 1]);
        if (r !== undefined && r < best) [best, at] = [r, i];
      }
      if (at < 0) return ids;
      ids.splice(at, 2, 256 + best);
    }
  };
  return (text) => {
    const out = [];
    for (const word of preTokens(text)) {
      let ids = cache.get(word);
      if (!ids) {
        ids = encodeWord(word);
        if (cache.size < 400_000 && word.length < 40) cache.set(word, ids);
      }
      for (const id of ids) out.push(id);
    }
    return out;
  };
}

/** The byte ↔ printable character table of byte-level BPE (GPT-2): printable Latin-1 stays, the rest moves to U+0100 on. */
export function byteCharacters() {
  const printable = (b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
}

/** A Hugging Face tokenizer.json object for the merges; specials follow the merged tokens. */
export function tokenizerJson(merges) {
  const texts = byteCharacters();
  const rows = merges.map(([a, b]) => {
    texts.push(texts[a] + texts[b]);
    return [texts[a], texts[b]];
  });
  const first = texts.length;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIALS.map((content, i) => ({
      id: first + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: STORED_PATTERN }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...texts, ...SPECIALS].map((text, id) => [text, id])),
      merges: rows.map(([a, b]) => `${a} ${b}`),
    },
  };
}

/** Merges as id pairs, read back from a tokenizer.json made by tokenizerJson. */
export function mergesOf(json) {
  const { vocab, merges } = json.model;
  return merges.map((row) => row.split(" ").map((text) => vocab[text]));
}
