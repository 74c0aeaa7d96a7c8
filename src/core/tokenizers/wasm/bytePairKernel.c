// The encoder's inner loop for WebAssembly; the same steps on the same tables as ../bytePairKernel.ts, which says
// why. The two are tested against each other. Built by scripts/buildKernel.mjs (clang, wasm32, SIMD); the result is
// committed as ../bytePairKernelBinary.ts, so nobody needs the compiler to build Tessera.
// All memory is the caller's: no globals, no stack in memory, no allocation.
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum { LETTER = 1, NUMBER = 2, SPACE = 4, UPPER = 8, LOWER = 16, NEWLINE = 32, SURROGATE = 64 };
enum { O200K = 0, CL100K = 1, GPT2 = 2 };
#define NONE 0xffffffffu
#define INLINE_SHAPE (1u << 24)
#define LEARNED_UNITS 64
/** Up to this many bytes the scan for the lowest rank, four at a time, beats backtracking and needs no sorted tokens. */
#define SCAN_BYTES 128
#define RUN_BYTES 256
#define FEW_RUNS 4
#define MOST_RUNS 16

/** Addresses of everything, filled in by wasmKernel.ts in this order. */
typedef struct {
  u32 *pairs, *halves, *byteIds, *bytePairs, *pieces, *arena, *validity;
  u8 *classes;
  u16 *units;
  u8 *bytes, *dead;
  u32 *out, *symbols, *merged, *next, *previous;
  /** The packed file; lies where units to `out` will be, and is gone once texts are encoded. */
  const u8 *packed;
  u8 *raw;
  u32 *offsets;
  u8 *texts;
  u32 *order;
  u64 *keys;
  u32 *prefix, *buckets;
  u32 size, rawLength, textRoom, idMask, pairMask, pieceMask, validityMask, arenaWords, mostPieces;
  u32 family, digits, contractions;
  /** State: what was learned, whether there was no more room, whether texts and order are there. */
  u32 arenaUsed, pieceCount, full, textsMade, orderMade;
} Context;

#define INLINED static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

INLINED u32 hashPair(u32 left, u32 right) {
  u32 h = left * 0x9e3779b1u ^ right * 0x85ebca6bu;
  h ^= h >> 15;
  h *= 0x2c1b3c6du;
  return h ^ (h >> 13);
}

INLINED u32 hashUnits(const u16 *units, u32 size) {
  u32 hash = 0, i = 0;
  for (; i + 1 < size; i += 2) {
    hash = (hash ^ (units[i] | ((u32)units[i + 1] << 16))) * 0x9e3779b1u;
    hash ^= hash >> 15;
  }
  if (size & 1) {
    hash = (hash ^ units[i]) * 0x9e3779b1u;
    hash ^= hash >> 15;
  }
  return hash;
}

// ---- Split ----

INLINED int pairAt(const u16 *units, u32 at, u32 end) {
  if (at + 1 >= end) return -1;
  u32 low = units[at + 1];
  if ((low & 0xfc00) != 0xdc00) return -1;
  return 0x10000 + ((units[at] & 0x3ff) << 10) + (low & 0x3ff);
}

APART u32 runEnd(const u16 *units, const u8 *classes, u32 at, u32 end, u32 mask) {
  while (at < end) {
    u32 bits = classes[units[at]];
    if (bits & mask) at++;
    else if (bits & SURROGATE) {
      int point = pairAt(units, at, end);
      if (point < 0 || !(classes[point] & mask)) return at;
      at += 2;
    } else return at;
  }
  return at;
}

APART u32 otherRunEnd(const u16 *units, const u8 *classes, u32 at, u32 end, u32 mask) {
  while (at < end) {
    u32 bits = classes[units[at]];
    if (bits & mask) return at;
    if (bits & SURROGATE) {
      int point = pairAt(units, at, end);
      if (point >= 0) {
        if (classes[point] & mask) return at;
        at++;
      }
    }
    at++;
  }
  return at;
}

/** runEnd of lower-case (fold 0) or all (fold 0x20) ASCII letters eight at a time; zero units follow the text. */
INLINED u32 letterRunEnd(const u16 *units, const u8 *classes, u32 at, u32 end, u32 mask, u16 fold) {
  for (;;) {
    v128_t text = wasm_v128_or(wasm_v128_load(units + at), wasm_i16x8_splat(fold));
    v128_t inside = wasm_u16x8_lt(wasm_i16x8_sub(text, wasm_i16x8_splat('a')), wasm_i16x8_splat(26));
    u32 run = __builtin_ctz(~wasm_i16x8_bitmask(inside) | 0x100);
    at += run;
    if (run < 8) {
      if (units[at] < 0x80) return at;
      return runEnd(units, classes, at, end, mask);
    }
  }
}

INLINED u32 contraction(const u16 *units, u32 at, u32 end) {
  if (at + 1 >= end) return 0;
  u32 first = units[at + 1];
  if (first == 0x17f) return 2;
  if (first > 0x7f) return 0;
  u32 second = at + 2 < end ? units[at + 2] | 0x20 : 0;
  switch (first | 0x20) {
    case 's': case 't': case 'm': case 'd': return 2;
    case 'r': case 'v': return second == 'e' ? 3 : 0;
    case 'l': return second == 'l' ? 3 : 0;
    default: return 0;
  }
}

APART u32 digitsEnd(const u16 *units, const u8 *classes, u32 at, u32 end, u32 most) {
  for (u32 count = 0; count < most && at < end; count++) {
    u32 bits = classes[units[at]];
    if (bits & NUMBER) at++;
    else {
      int point = bits & SURROGATE ? pairAt(units, at, end) : -1;
      if (point < 0 || !(classes[point] & NUMBER)) break;
      at += 2;
    }
  }
  return at;
}

INLINED u32 spaceEnd(const u16 *units, const u8 *classes, u32 at, u32 end, int newlines) {
  u32 stop = at, afterNewline = 0;
  while (stop < end) {
    u32 bits = classes[units[stop]];
    if (!(bits & SPACE)) break;
    stop++;
    if (bits & NEWLINE) afterNewline = stop;
  }
  if (newlines && afterNewline > 0) return afterNewline;
  return stop < end && stop - at > 1 ? stop - 1 : stop;
}

INLINED u32 wordEnd(const u16 *units, const u8 *classes, u32 at, u32 start, u32 next, u32 end, u32 bits) {
  u32 p = start, afterBoth = 0;
  while (p < end) {
    u32 c = classes[units[p]], size = 1;
    if (c & SURROGATE) {
      int point = pairAt(units, p, end);
      if (point < 0) break;
      c = classes[point];
      size = 2;
    }
    if (!(c & UPPER)) break;
    p += size;
    if (c & LOWER) afterBoth = p;
  }
  u32 stop = letterRunEnd(units, classes, p, end, LOWER, 0);
  if (stop > p) return stop;
  if (afterBoth > 0) return afterBoth;
  if (start > at && (bits & UPPER)) return next;
  return p > start ? p : 0;
}

#define VISIBLE (SPACE | LETTER | NUMBER)

INLINED u32 symbolsEnd(const u16 *units, const u8 *classes, u32 next, u32 end, u32 first, u32 bits) {
  if (first == ' ') {
    u32 stop = otherRunEnd(units, classes, next, end, VISIBLE);
    return stop > next ? stop : 0;
  }
  return bits & VISIBLE ? 0 : otherRunEnd(units, classes, next, end, VISIBLE);
}

INLINED u32 scan(const Context *context, const u16 *units, const u8 *classes, u32 at, u32 end, u32 family, u32 most,
                 u32 contractions) {
  u32 first = units[at];
  if (family != O200K && contractions && first == '\'') {
    u32 length = contraction(units, at, end);
    if (length > 0 && family == GPT2) {
      // Lower case only in this family.
      for (u32 i = 1; i < length; i++) if (units[at + i] < 'a' || units[at + i] > 'z') length = 0;
    }
    if (length > 0) return at + length;
  }
  if (family == GPT2) {
    u32 start = first == ' ' ? at + 1 : at;
    if (start < end) {
      u32 stop = letterRunEnd(units, classes, start, end, LETTER, 0x20);
      if (stop > start) return stop;
      stop = digitsEnd(units, classes, start, end, most);
      if (stop > start) return stop;
      stop = otherRunEnd(units, classes, start, end, VISIBLE);
      if (stop > start) return stop;
    }
    return spaceEnd(units, classes, at, end, 0);
  }
  u32 bits = classes[first], next = at + 1;
  if (bits & SURROGATE) {
    int point = pairAt(units, at, end);
    bits = point < 0 ? 0 : classes[point];
    if (point >= 0) next++;
  }
  u32 prefix = !(bits & (LETTER | NUMBER | NEWLINE));
  if (family == O200K) {
    if (!(bits & (NUMBER | NEWLINE))) {
      u32 stop = wordEnd(units, classes, at, prefix ? next : at, next, end, bits);
      if (stop > 0) {
        if (contractions && stop < end && units[stop] == '\'') return stop + contraction(units, stop, end);
        return stop;
      }
    }
  } else {
    if (bits & LETTER) return letterRunEnd(units, classes, next, end, LETTER, 0x20);
    if (prefix) {
      u32 stop = letterRunEnd(units, classes, next, end, LETTER, 0x20);
      if (stop > next) return stop;
    }
  }
  if (bits & NUMBER) return digitsEnd(units, classes, at, end, most);
  u32 stop = symbolsEnd(units, classes, next, end, first, bits);
  if (stop == 0) return spaceEnd(units, classes, at, end, 1);
  while (stop < end && (units[stop] == '\n' || units[stop] == '\r' || (family == O200K && units[stop] == '/'))) stop++;
  return stop;
}

// ---- Merge ----

/** Token of a pair, or NONE. A slot is the high bits of the pair's hash and, in the low ones, the token plus one. */
INLINED u32 findPair(const Context *context, u32 left, u32 right) {
  const u32 *pairs = context->pairs, *halves = context->halves;
  u32 hash = hashPair(left, right), slot = hash & context->pairMask, idMask = context->idMask;
  for (;;) {
    u32 entry = pairs[slot];
    if (entry == 0) return NONE;
    if (((entry ^ hash) & ~idMask) == 0) {
      u32 token = (entry & idMask) - 1;
      if (halves[2 * token] == left && halves[2 * token + 1] == right) return token;
    }
    slot = (slot + 1) & context->pairMask;
  }
}

/** Token of two bytes; remembered plus one, because most pieces are made of few of them. */
INLINED u32 findBytePair(const Context *context, u32 first, u32 second) {
  u32 *known = context->bytePairs + (first << 8 | second);
  if (*known == 0) {
    u32 token = findPair(context, context->byteIds[first], context->byteIds[second]);
    *known = token == NONE ? NONE : token + 1;
  }
  return *known == NONE ? NONE : *known - 1;
}

/** Merges up to SCAN_BYTES bytes; merged[i] is the rank of what starts at i and its neighbour, NONE where nothing starts. */
APART u32 mergeShort(const Context *context, u32 length, u32 *out) {
  const u8 *bytes = context->bytes;
  u32 *symbols = context->symbols, *merged = context->merged, *next = context->next, *previous = context->previous;
  for (u32 i = 0; i < length; i++) {
    symbols[i] = context->byteIds[bytes[i]];
    merged[i] = i + 1 < length ? findBytePair(context, bytes[i], bytes[i + 1]) : NONE;
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (u32 i = length; i & 3; i++) merged[i] = NONE;
  for (;;) {
    v128_t least = wasm_v128_load(merged);
    for (u32 i = 4; i < length; i += 4) least = wasm_u32x4_min(least, wasm_v128_load(merged + i));
    least = wasm_u32x4_min(least, wasm_i32x4_shuffle(least, least, 2, 3, 0, 1));
    least = wasm_u32x4_min(least, wasm_i32x4_shuffle(least, least, 1, 0, 3, 2));
    u32 lowest = (u32)wasm_i32x4_extract_lane(least, 0), best = 0, places;
    if (lowest == NONE) break;
    while ((places = wasm_i32x4_bitmask(wasm_i32x4_eq(wasm_v128_load(merged + best), least))) == 0) best += 4;
    best += __builtin_ctz(places);
    u32 right = next[best], after = next[right];
    symbols[best] = lowest;
    merged[right] = NONE;
    next[best] = after;
    merged[best] = NONE;
    if (after < length) {
      previous[after] = best;
      merged[best] = findPair(context, lowest, symbols[after]);
    }
    if (best > 0) merged[previous[best]] = findPair(context, symbols[previous[best]], lowest);
  }
  u32 count = 0;
  for (u32 i = 0; i < length; i = next[i]) out[count++] = symbols[i];
  return count;
}

// ---- Tokens in byte order, for the longest match; made when a long piece first needs it ----

/** Eight bytes from `at` as a number whose order is theirs; zeros behind the end. */
INLINED u64 keyOf(const u8 *bytes, u32 at, u32 end) {
  u64 key = 0;
  for (u32 i = 0; i < 8; i++) key = key << 8 | (at + i < end ? bytes[at + i] : 0);
  return key;
}

/** Copies a token's text from where it lies first; returns where it ends. */
APART u32 copyText(u8 *texts, u32 from, u32 to, u32 at) {
  while (from < to) texts[at++] = texts[from++];
  return at;
}

/** Where every token's bytes lie, and the bytes; 0 when they need more room than there is. */
__attribute__((export_name("makeTexts"))) u32 makeTexts(Context *context) {
  if (context->textsMade) return 1;
  const u32 *halves = context->halves;
  u32 *offsets = context->offsets;
  u8 *texts = context->texts;
  const u8 *raw = context->raw;
  u32 end = 0;
  for (u32 t = 0; t < context->size; t++) {
    u32 left = halves[2 * t], right = halves[2 * t + 1];
    offsets[t] = end;
    if (left != t) {
      u32 first = offsets[left], second = offsets[right], a = offsets[left + 1] - first, b = offsets[right + 1] - second;
      if (a + b > context->textRoom - end) return 0;
      end = copyText(texts, first, first + a, end);
      end = copyText(texts, second, second + b, end);
    } else if (right == t) {
      u32 length = *raw++;
      if (length > context->textRoom - end) return 0;
      for (u32 i = 0; i < length; i++) texts[end++] = *raw++;
    }
    offsets[t + 1] = end;
  }
  context->textsMade = 1;
  return 1;
}

/** Whether token a comes before token b: by the key of bytes 2 to 9, then byte by byte, then by number. */
APART u32 comesBefore(const Context *context, u64 keyA, u32 a, u64 keyB, u32 b) {
  if (keyA != keyB) return keyA < keyB;
  const u8 *texts = context->texts;
  u32 startA = context->offsets[a], lengthA = context->offsets[a + 1] - startA;
  u32 startB = context->offsets[b], lengthB = context->offsets[b + 1] - startB;
  for (u32 i = 2; i < lengthA && i < lengthB; i++) {
    u32 x = texts[startA + i], y = texts[startB + i];
    if (x != y) return x < y;
  }
  return lengthA != lengthB ? lengthA < lengthB : a < b;
}

/** Sorts order[from..to) with its keys: a heap, because it needs no memory and has no bad case. */
APART void siftDown(const Context *context, u32 from, u32 at, u32 count) {
  u32 *order = context->order + from;
  u64 *keys = context->keys + from;
  u32 token = order[at];
  u64 key = keys[at];
  for (;;) {
    u32 child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && comesBefore(context, keys[child], order[child], keys[child + 1], order[child + 1])) child++;
    if (!comesBefore(context, key, token, keys[child], order[child])) break;
    order[at] = order[child];
    keys[at] = keys[child];
    at = child;
  }
  order[at] = token;
  keys[at] = key;
}

APART void sortBucket(const Context *context, u32 from, u32 count) {
  u32 *order = context->order + from;
  u64 *keys = context->keys + from;
  if (count <= 16) {
    for (u32 i = 1; i < count; i++) {
      u32 token = order[i], j = i;
      u64 key = keys[i];
      for (; j > 0 && comesBefore(context, key, token, keys[j - 1], order[j - 1]); j--) {
        order[j] = order[j - 1];
        keys[j] = keys[j - 1];
      }
      order[j] = token;
      keys[j] = key;
    }
    return;
  }
  for (u32 i = count / 2; i-- > 0;) siftDown(context, from, i, count);
  for (u32 last = count - 1; last > 0; last--) {
    u32 token = order[0];
    u64 key = keys[0];
    order[0] = order[last];
    keys[0] = keys[last];
    order[last] = token;
    keys[last] = key;
    siftDown(context, from, 0, last);
  }
}

INLINED u32 isPrefix(const Context *context, u32 prefix, u32 token) {
  const u8 *texts = context->texts;
  u32 at = context->offsets[prefix], length = context->offsets[prefix + 1] - at, start = context->offsets[token];
  if (length >= context->offsets[token + 1] - start) return 0;
  for (u32 i = 2; i < length; i++) if (texts[at + i] != texts[start + i]) return 0;
  return 1;
}

/** Longest other token that each of a sorted bucket starts with; their first byte when there is none in the bucket. */
APART void linkBucket(const Context *context, u32 from, u32 to, u32 single) {
  u32 *order = context->order, *prefix = context->prefix;
  for (u32 i = from; i < to; i++) {
    u32 token = order[i], shorter = i > from ? order[i - 1] : single;
    while (shorter != single && !isPrefix(context, shorter, token)) shorter = prefix[shorter];
    prefix[token] = shorter;
  }
}

/**
 * Tokens of two bytes and more that merges make (others may not be matched inside a piece), by their first two bytes. The
 * entry of a bucket says where it ends; it starts where the one before ends. Most texts need few of the buckets in order.
 */
APART void makeOrder(Context *context) {
  makeTexts(context);
  u32 *buckets = context->buckets;
  const u32 *offsets = context->offsets, *halves = context->halves;
  const u8 *texts = context->texts;
  for (u32 t = 0; t < context->size; t++) {
    if (halves[2 * t] != t) buckets[(u32)texts[offsets[t]] << 8 | texts[offsets[t] + 1]]++;
  }
  for (u32 i = 0, at = 0; i < 65536; i++) {
    u32 count = buckets[i];
    buckets[i] = at;
    at += count;
  }
  for (u32 t = 0; t < context->size; t++) {
    if (halves[2 * t] != t) context->order[buckets[(u32)texts[offsets[t]] << 8 | texts[offsets[t] + 1]]++] = t;
  }
  for (u32 i = 0; i < 256; i++) context->prefix[context->byteIds[i]] = NONE;
  context->orderMade = 1;
}

#define SORTED 0x80000000u

APART void prepareBucket(Context *context, u32 bucket, u32 from) {
  u32 to = context->buckets[bucket];
  for (u32 i = from; i < to; i++) {
    u32 token = context->order[i];
    context->keys[i] = keyOf(context->texts, context->offsets[token] + 2, context->offsets[token + 1]);
  }
  sortBucket(context, from, to - from);
  linkBucket(context, from, to, context->byteIds[bucket >> 8]);
  context->buckets[bucket] = to | SORTED;
}

/** How many bytes of `token` are those at `at`, up to `end`. */
INLINED u32 commonBytes(const Context *context, u32 token, u32 at, u32 end) {
  const u8 *bytes = context->bytes + at, *text = context->texts + context->offsets[token];
  u32 most = context->offsets[token + 1] - context->offsets[token], i = 2;
  if (most > end - at) most = end - at;
  while (i < most && text[i] == bytes[i]) i++;
  return i;
}

/**
 * Longest token that the bytes at `at` start with: the last token in byte order that is not behind them, or one of its
 * prefixes, because whatever lies between a token and a text that starts with it starts with it too.
 */
APART u32 longestMatch(Context *context, u32 at, u32 end) {
  const u8 *bytes = context->bytes;
  u32 single = context->byteIds[bytes[at]];
  if (at + 1 >= end) return single;
  u32 bucket = (u32)bytes[at] << 8 | bytes[at + 1];
  u32 low = bucket > 0 ? context->buckets[bucket - 1] & ~SORTED : 0, first = low, high = context->buckets[bucket];
  if (!(high & SORTED)) {
    if (low == high) return single;
    prepareBucket(context, bucket, low);
  }
  high &= ~SORTED;
  u64 key = keyOf(bytes, at + 2, end);
  while (low < high) {
    u32 middle = (low + high) >> 1;
    if (context->keys[middle] <= key) low = middle + 1;
    else high = middle;
  }
  // Of those with this key, step back over what is behind the text.
  u32 token = single;
  while (low > first) {
    token = context->order[--low];
    if (context->keys[low] != key) break;
    u32 common = commonBytes(context, token, at, end), length = context->offsets[token + 1] - context->offsets[token];
    if (common == length) return token;
    if (at + common < end && context->texts[context->offsets[token] + common] < bytes[at + common]) break;
    token = single;
  }
  if (token == single) return single;
  u32 common = commonBytes(context, token, at, end);
  while (token != single && context->offsets[token + 1] - context->offsets[token] > common) token = context->prefix[token];
  return token;
}

static u32 decideValidPair(const Context *context, u32 first, u32 second) {
  u32 limit = NONE;
  for (;;) {
    u32 crossing = findPair(context, first, second);
    if (crossing < limit) return 0;
    if (first > second) {
      limit = first;
      first = context->halves[2 * first + 1];
      if (first == limit) {
        limit = second + 1;
        second = context->halves[2 * second];
        if (second + 1 == limit) return 1;
      }
    } else {
      limit = second + 1;
      second = context->halves[2 * second];
      if (second + 1 == limit) {
        limit = first;
        first = context->halves[2 * first + 1];
        if (first == limit) return 1;
      }
    }
  }
}

INLINED u32 isValidPair(const Context *context, u32 first, u32 second) {
  u32 *memo = context->validity + (hashPair(first, second) & context->validityMask) * 2;
  if (memo[0] == first + 1 && memo[1] >> 1 == second) return memo[1] & 1;
  u32 valid = decideValidPair(context, first, second);
  memo[0] = first + 1;
  memo[1] = second << 1 | valid;
  return valid;
}

APART u32 backtrack(Context *context, u32 length, u32 *out) {
  u8 *dead = context->dead;
  const u32 *offsets = context->offsets;
  __builtin_memset(dead, 0, length + 1);
  u32 count = 0, at = 0, token = longestMatch(context, 0, length);
  for (;;) {
    u32 stop = at + offsets[token + 1] - offsets[token];
    if (!dead[stop] && (count == 0 || isValidPair(context, out[count - 1], token))) {
      out[count++] = token;
      at = stop;
      if (at >= length) return count;
      token = longestMatch(context, at, length);
      continue;
    }
    u32 shorter = context->prefix[token];
    if (shorter != NONE) token = shorter;
    else {
      dead[at] = 1;
      token = out[--count];
      at -= offsets[token + 1] - offsets[token];
    }
  }
}

INLINED u32 pushRun(u32 *symbols, u32 *counts, u32 made, u32 symbol, u32 count) {
  if (count == 0) return made;
  if (made > MOST_RUNS && symbols[made - 1] == symbol) {
    counts[made - 1] += count;
    return made;
  }
  symbols[made] = symbol;
  counts[made] = count;
  return made + 1;
}

/** See ../runMerge.ts. The work areas for short pieces hold the runs: the lower half those there are, the upper half the next ones. */
APART u32 mergeRuns(const Context *context, u32 length, u32 *out) {
  const u8 *bytes = context->bytes;
  u32 *symbols = context->symbols, *counts = context->merged, runs = 0;
  for (u32 at = 0; at < length;) {
    if (runs == FEW_RUNS) return 0;
    u32 start = at, byte = bytes[at];
    while (at < length && bytes[at] == byte) at++;
    symbols[runs] = context->byteIds[byte];
    counts[runs++] = at - start;
  }
  for (;;) {
    u32 lowest = NONE, left = 0, right = 0;
    for (u32 i = 0; i < runs; i++) {
      u32 twice = counts[i] > 1 ? findPair(context, symbols[i], symbols[i]) : NONE;
      if (twice < lowest) {
        lowest = twice;
        left = right = symbols[i];
      }
      u32 across = i + 1 < runs ? findPair(context, symbols[i], symbols[i + 1]) : NONE;
      if (across < lowest) {
        lowest = across;
        left = symbols[i];
        right = symbols[i + 1];
      }
    }
    if (lowest == NONE) break;
    u32 made = MOST_RUNS;
    for (u32 i = 0; i < runs; i++) {
      if (made + 2 > 2 * MOST_RUNS) return 0;
      u32 symbol = symbols[i], count = counts[i];
      if (symbol == left && count > 0 && left == right) {
        made = pushRun(symbols, counts, made, lowest, count >> 1);
        made = pushRun(symbols, counts, made, symbol, count & 1);
      } else if (symbol == left && count > 0 && i + 1 < runs && symbols[i + 1] == right) {
        made = pushRun(symbols, counts, made, symbol, count - 1);
        made = pushRun(symbols, counts, made, lowest, 1);
        counts[i + 1]--;
      } else made = pushRun(symbols, counts, made, symbol, count);
    }
    runs = made - MOST_RUNS;
    for (u32 i = 0; i < runs; i++) {
      symbols[i] = symbols[MOST_RUNS + i];
      counts[i] = counts[MOST_RUNS + i];
    }
  }
  u32 tokens = 0;
  for (u32 i = 0; i < runs; i++) for (u32 n = counts[i]; n > 0; n--) out[tokens++] = symbols[i];
  return tokens;
}

APART u32 mergeLong(Context *context, u32 length, u32 *out) {
  u32 tokens = length < RUN_BYTES ? 0 : mergeRuns(context, length, out);
  if (tokens > 0) return tokens;
  if (!context->orderMade) makeOrder(context);
  return backtrack(context, length, out);
}

// ---- Look up, miss, learn ----

INLINED u32 *findLong(const Context *context, const u16 *text, u32 size, u32 hash) {
  u32 slot = hash & context->pieceMask;
  for (;;) {
    u32 *piece = context->pieces + slot * 4;
    if (piece[3] == 0) return 0;
    if (piece[0] == hash && (piece[3] & ~255u) == size << 8) {
      const u16 *known = (const u16 *)(context->arena + piece[1]);
      u32 i = 0;
      while (i < size && known[i] == text[i]) i++;
      if (i == size) return piece;
    }
    slot = (slot + 1) & context->pieceMask;
  }
}

INLINED u32 hashInline(u32 key0, u32 key1, u32 size) { return hashPair(key0 ^ size * 0x27d4eb2fu, key1); }

/** Inline key of a piece of up to 8 units; 0 when it is not ASCII. */
INLINED int inlineKey(const u16 *text, u32 size, u64 *key) {
  v128_t units = wasm_v128_load(text);
  u32 wide = wasm_i16x8_bitmask(wasm_u16x8_gt(units, wasm_i16x8_splat(0x7f)));
  if (wide & ((1u << size) - 1)) return 0;
  u64 all = (u64)wasm_i64x2_extract_lane(wasm_u8x16_narrow_i16x8(units, units), 0);
  *key = size == 8 ? all : all & ((1ull << (8 * size)) - 1);
  return 1;
}

INLINED u32 *freePiece(const Context *context, u32 hash) {
  u32 slot = hash & context->pieceMask;
  while (context->pieces[slot * 4 + 3] != 0) slot = (slot + 1) & context->pieceMask;
  return context->pieces + slot * 4;
}

APART void learn(Context *context, const u16 *text, u32 size, const u32 *tokens, u32 count) {
  u32 *arena = context->arena, place = context->arenaUsed, key0, key1, hash, shape = size << 8 | count;
  u32 words = ((size + 1) >> 1) + count;
  if (context->pieceCount >= context->mostPieces || place + words > context->arenaWords) {
    context->full = 1;
    return;
  }
  u64 key;
  if (size <= 8 && inlineKey(text, size, &key)) {
    key0 = (u32)key;
    key1 = (u32)(key >> 32);
    hash = hashInline(key0, key1, size);
    shape |= INLINE_SHAPE;
  } else {
    hash = hashUnits(text, size);
    key0 = hash;
    key1 = place;
    for (u32 i = 0; i < size; i += 2) arena[place++] = text[i] | (i + 1 < size ? (u32)text[i + 1] << 16 : 0);
  }
  u32 value = tokens[0];
  if (count > 1) {
    value = place;
    for (u32 i = 0; i < count; i++) arena[place++] = tokens[i];
  }
  context->arenaUsed = place;
  context->pieceCount++;
  u32 *piece = freePiece(context, hash);
  piece[0] = key0;
  piece[1] = key1;
  piece[2] = value;
  piece[3] = shape;
}

/** Remembers the first `size` units as the one token at `out`, for whole pieces that no merge makes. */
__attribute__((export_name("learnToken"))) void learnToken(Context *context, u32 size) {
  learn(context, context->units, size, context->out, 1);
}

/** Spreads the pieces over a table of `mask` + 1 slots, larger than before; `out` holds the old slots meanwhile. */
__attribute__((export_name("growPieces"))) void growPieces(Context *context, u32 mask, u32 mostPieces) {
  u32 words = (context->pieceMask + 1) * 4, *old = context->out;
  __builtin_memcpy(old, context->pieces, words * 4);
  __builtin_memset(context->pieces, 0, words * 4);
  context->pieceMask = mask;
  context->mostPieces = mostPieces;
  for (u32 at = 0; at < words; at += 4) {
    if (old[at + 3] == 0) continue;
    u32 inlined = old[at + 3] & INLINE_SHAPE;
    u32 *piece = freePiece(context, inlined ? hashInline(old[at], old[at + 1], old[at + 3] >> 8 & 0xffff) : old[at]);
    for (u32 i = 0; i < 4; i++) piece[i] = old[at + i];
  }
}

/** Forgets every piece. */
__attribute__((export_name("forgetPieces"))) void forgetPieces(Context *context) {
  __builtin_memset(context->pieces, 0, (context->pieceMask + 1) * 16);
  context->arenaUsed = context->pieceCount = context->full = 0;
}

APART u32 miss(Context *context, u16 *units, u32 size, u32 *out) {
  u8 *bytes = context->bytes;
  u32 length = 0;
  for (u32 i = 0; i < size; i++) {
    u32 point = units[i];
    if (point < 0x80) bytes[length++] = point;
    else if (point < 0x800) {
      bytes[length++] = 0xc0 | point >> 6;
      bytes[length++] = 0x80 | (point & 63);
    } else {
      if ((point & 0xf800) == 0xd800) {
        if (point < 0xdc00 && i + 1 < size && (units[i + 1] & 0xfc00) == 0xdc00) {
          point = 0x10000 + ((point & 0x3ff) << 10) + (units[i + 1] & 0x3ff);
          i++;
          bytes[length++] = 0xf0 | point >> 18;
          bytes[length++] = 0x80 | (point >> 12 & 63);
          bytes[length++] = 0x80 | (point >> 6 & 63);
          bytes[length++] = 0x80 | (point & 63);
          continue;
        }
        // Lone surrogates are U+FFFD from here on; look the piece up again as what it encodes to.
        for (u32 j = i; j < size; j++) {
          if ((units[j] & 0xf800) != 0xd800) continue;
          if (units[j] < 0xdc00 && j + 1 < size && (units[j + 1] & 0xfc00) == 0xdc00) j++;
          else units[j] = 0xfffd;
        }
        u32 *known = findLong(context, units, size, hashUnits(units, size));
        if (known) {
          u32 count = known[3] & 255;
          for (u32 j = 0; j < count; j++) out[j] = count == 1 ? known[2] : context->arena[known[2] + j];
          return count;
        }
        point = 0xfffd;
      }
      bytes[length++] = 0xe0 | point >> 12;
      bytes[length++] = 0x80 | (point >> 6 & 63);
      bytes[length++] = 0x80 | (point & 63);
    }
  }
  u32 count = length <= SCAN_BYTES ? mergeShort(context, length, out) : mergeLong(context, length, out);
  if (size <= LEARNED_UNITS) learn(context, units, size, out, count);
  return count;
}

INLINED u32 run(Context *context, u32 length, u32 countOnly, u32 family) {
  u16 *units = context->units;
  const u8 *classes = context->classes;
  u32 *out = context->out;
  u32 tokens = 0, at = 0, most = context->digits, contractions = context->contractions;
  const u32 *pieces = context->pieces;
  u32 mask = context->pieceMask;
  while (at < length) {
    u32 end = scan(context, units, classes, at, length, family, most, contractions);
    u32 size = end - at;
    const u32 *found = 0;
    u64 key;
    if (size <= 8 && inlineKey(units + at, size, &key)) {
      u32 key0 = (u32)key, key1 = (u32)(key >> 32), shape = INLINE_SHAPE | size << 8;
      u32 slot = hashInline(key0, key1, size) & mask;
      for (;;) {
        const u32 *piece = pieces + slot * 4;
        if (piece[3] == 0) break;
        if (piece[0] == key0 && piece[1] == key1 && (piece[3] & ~255u) == shape) {
          found = piece;
          break;
        }
        slot = (slot + 1) & mask;
      }
    } else found = findLong(context, units + at, size, hashUnits(units + at, size));
    if (!found) tokens += miss(context, units + at, size, countOnly ? out : out + tokens);
    else {
      u32 count = found[3] & 255;
      if (countOnly) tokens += count;
      else if (count == 1) out[tokens++] = found[2];
      else {
        const u32 *known = context->arena + found[2];
        for (u32 i = 0; i < count; i++) out[tokens++] = known[i];
      }
    }
    at = end;
  }
  return tokens;
}

// ---- The packed vocabulary (see ../bytePairVocabulary.ts) ----

/** FNV-1a; a function of its own that is called often, so that it is compiled well before the file ends. */
APART u32 fingerprint(const u8 *bytes, u32 length, u32 hash) {
  for (u32 i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 0x01000193u;
  return hash;
}

APART void addPair(const Context *context, u32 left, u32 right, u32 token) {
  u32 hash = hashPair(left, right), slot = hash & context->pairMask, idMask = context->idMask, *halves = context->halves;
  for (u32 entry; (entry = context->pairs[slot]) != 0; slot = (slot + 1) & context->pairMask) {
    if ((entry ^ hash) & ~idMask) continue;
    u32 other = (entry & idMask) - 1;
    // A pair that is already there keeps its first token.
    if (halves[2 * other] == left && halves[2 * other + 1] == right) return;
  }
  context->pairs[slot] = (hash & ~idMask) | (token + 1);
}

enum { READ = 0, DAMAGED = 1, ORDER = 2, RAW = 3 };
#define PACKED_HEADER 20

/** Halves, pairs, raw tokens and single bytes from the packed file, whose lengths the caller has checked. */
__attribute__((export_name("unpack"))) u32 unpack(Context *context, u32 length, u32 expected, u32 rawTokens) {
  const u8 *packed = context->packed;
  u32 hash = 0x811c9dc5u, size = context->size, *halves = context->halves;
  for (u32 at = PACKED_HEADER; at < length; at += 8192) {
    hash = fingerprint(packed + at, length - at < 8192 ? length - at : 8192, hash);
  }
  if (hash != expected) return DAMAGED;
  __builtin_memcpy(context->raw, packed + PACKED_HEADER, context->rawLength);
  const u8 *low = packed + PACKED_HEADER + context->rawLength;
  u32 rawAt = 0, rawSeen = 0, merged = 0;
  for (u32 i = 0; i < 256; i++) context->byteIds[i] = NONE;
  for (u32 t = 0; t < size; t++) {
    const u8 *at = low + t;
    u32 left = at[0] | at[size] << 8 | at[2 * size] << 16;
    at += 3 * size;
    u32 right = at[0] | at[size] << 8 | at[2 * size] << 16;
    if (left != 0xffffff) {
      if (left >= t || right >= t) return ORDER;
      halves[2 * t] = left;
      halves[2 * t + 1] = right;
      addPair(context, left, right, t);
      merged = 1;
      continue;
    }
    halves[2 * t] = t;
    halves[2 * t + 1] = right == 0xffffff ? t : NONE;
    if (right != 0xffffff) continue;
    if (rawAt >= context->rawLength) return RAW;
    u32 bytes = context->raw[rawAt];
    if (bytes == 1) {
      if (merged) return ORDER;
      context->byteIds[context->raw[rawAt + 1]] = t;
    }
    merged |= bytes > 1;
    rawAt += 1 + bytes;
    rawSeen++;
  }
  if (rawAt != context->rawLength || rawSeen != rawTokens) return RAW;
  for (u32 i = 0; i < 256; i++) if (context->byteIds[i] == NONE) return RAW;
  return READ;
}

/** Tokens of the first `length` units; their ids are at `out` unless only counted. Eight zero units must follow. */
__attribute__((export_name("encode"))) u32 encode(Context *context, u32 length, u32 countOnly) {
  switch (context->family) {
    case O200K: return countOnly ? run(context, length, 1, O200K) : run(context, length, 0, O200K);
    case CL100K: return countOnly ? run(context, length, 1, CL100K) : run(context, length, 0, CL100K);
    default: return countOnly ? run(context, length, 1, GPT2) : run(context, length, 0, GPT2);
  }
}
