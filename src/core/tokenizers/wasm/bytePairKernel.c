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
#define BACKTRACK_BYTES 20
#define RUN_BYTES 256
#define FEW_RUNS 4
#define MOST_RUNS 16
#define HEADER_ARENA_USED 40
#define HEADER_PIECE_COUNT 42

/** Addresses of everything, filled in by wasmKernel.ts in this order. */
typedef struct {
  u32 *header, *pairs, *pieces, *offsets, *left, *right, *byteIds, *bytePairs, *twoByteNodes, *firstChild, *token;
  u32 *prefixToken, *validity;
  u8 *label;
  u32 *arena;
  u8 *classes;
  u16 *units;
  u8 *bytes, *dead;
  u32 *out, *symbols, *merged;
  u32 pairMask, pieceMask, validityMask, arenaWords, mostPieces;
  u32 family, digits, contractions;
  u32 full;
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

INLINED u32 findPair(const Context *context, u32 left, u32 right) {
  const u32 *pairs = context->pairs;
  u32 slot = hashPair(left, right) & context->pairMask;
  for (;;) {
    const u32 *pair = pairs + slot * 4;
    if (pair[0] == left && pair[1] == right) return pair[2];
    if (pair[0] == NONE) return NONE;
    slot = (slot + 1) & context->pairMask;
  }
}

APART u32 mergeShort(const Context *context, u32 length, u32 *out) {
  const u8 *bytes = context->bytes;
  u32 *symbols = context->symbols, *merged = context->merged;
  for (u32 i = 0; i < length; i++) {
    symbols[i] = context->byteIds[bytes[i]];
    merged[i] = i + 1 < length ? context->bytePairs[(u32)bytes[i] << 8 | bytes[i + 1]] : NONE;
  }
  while (length > 1) {
    u32 best = 0, lowest = merged[0];
    for (u32 i = 1; i < length - 1; i++) {
      if (merged[i] < lowest) {
        lowest = merged[i];
        best = i;
      }
    }
    if (lowest == NONE) break;
    length--;
    symbols[best] = lowest;
    for (u32 i = best + 1; i < length; i++) {
      symbols[i] = symbols[i + 1];
      merged[i] = merged[i + 1];
    }
    merged[best] = best + 1 < length ? findPair(context, lowest, symbols[best + 1]) : NONE;
    if (best > 0) merged[best - 1] = findPair(context, symbols[best - 1], lowest);
  }
  for (u32 i = 0; i < length; i++) out[i] = symbols[i];
  return length;
}

static u32 longestMatch(const Context *context, u32 at, u32 end) {
  const u8 *bytes = context->bytes, *label = context->label;
  u32 best = context->byteIds[bytes[at]];
  if (at + 1 >= end) return best;
  u32 node = context->twoByteNodes[(u32)bytes[at] << 8 | bytes[at + 1]];
  if (node == 0) return best;
  at += 2;
  for (;;) {
    if (context->token[node] != NONE) best = context->token[node];
    if (at == end) return best;
    u32 byte = bytes[at++], low = context->firstChild[node], stop = context->firstChild[node + 1], high = stop;
    while (high - low > 6) {
      u32 middle = (low + high) >> 1;
      if (label[middle] < byte) low = middle + 1;
      else high = middle + 1;
    }
    while (low < high && label[low] < byte) low++;
    if (low >= stop || label[low] != byte) return best;
    node = low;
  }
}

static u32 decideValidPair(const Context *context, u32 first, u32 second) {
  u32 limit = NONE;
  for (;;) {
    u32 crossing = findPair(context, first, second);
    if (crossing < limit) return 0;
    if (first > second) {
      limit = first;
      first = context->right[first];
      if (first == limit) {
        limit = second + 1;
        second = context->left[second];
        if (second + 1 == limit) return 1;
      }
    } else {
      limit = second + 1;
      second = context->left[second];
      if (second + 1 == limit) {
        limit = first;
        first = context->right[first];
        if (first == limit) return 1;
      }
    }
  }
}

INLINED u32 isValidPair(const Context *context, u32 first, u32 second) {
  u32 *memo = context->validity + (hashPair(first, second) & context->validityMask) * 2;
  if (memo[0] == first && memo[1] >> 1 == second) return memo[1] & 1;
  u32 valid = decideValidPair(context, first, second);
  memo[0] = first;
  memo[1] = second << 1 | valid;
  return valid;
}

APART u32 backtrack(const Context *context, u32 length, u32 *out) {
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
    u32 shorter = context->prefixToken[token];
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

APART u32 mergeLong(const Context *context, u32 length, u32 *out) {
  u32 tokens = length < RUN_BYTES ? 0 : mergeRuns(context, length, out);
  return tokens > 0 ? tokens : backtrack(context, length, out);
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

APART void learn(Context *context, const u16 *text, u32 size, const u32 *tokens, u32 count) {
  u32 *header = context->header, *arena = context->arena;
  u32 words = ((size + 1) >> 1) + count;
  if (header[HEADER_PIECE_COUNT] >= context->mostPieces || header[HEADER_ARENA_USED] + words > context->arenaWords) {
    context->full = 1;
    return;
  }
  u32 place = header[HEADER_ARENA_USED], key0, key1, hash, shape = size << 8 | count;
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
  header[HEADER_ARENA_USED] = place;
  header[HEADER_PIECE_COUNT]++;
  u32 slot = hash & context->pieceMask;
  while (context->pieces[slot * 4 + 3] != 0) slot = (slot + 1) & context->pieceMask;
  u32 *piece = context->pieces + slot * 4;
  piece[0] = key0;
  piece[1] = key1;
  piece[2] = value;
  piece[3] = shape;
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
  u32 count = length < BACKTRACK_BYTES ? mergeShort(context, length, out) : mergeLong(context, length, out);
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

/** Two running sums over words, as sumOf in ../tableSnapshot.ts. */
__attribute__((export_name("sum"))) u32 sum(const u32 *words, u32 length) {
  v128_t first = wasm_i32x4_splat(1), second = wasm_i32x4_splat(0);
  u32 whole = length & ~3u;
  for (u32 i = 0; i < whole; i += 4) {
    first = wasm_i32x4_add(first, wasm_v128_load(words + i));
    second = wasm_i32x4_add(second, first);
  }
  // The last one to three words go to the first lanes.
  u32 rest = length - whole;
  v128_t more = wasm_i32x4_make(rest > 0 ? words[whole] : 0, rest > 1 ? words[whole + 1] : 0, rest > 2 ? words[whole + 2] : 0, 0);
  first = wasm_i32x4_add(first, more);
  second = wasm_i32x4_add(second, wasm_v128_and(first, wasm_i32x4_make(rest > 0 ? NONE : 0, rest > 1 ? NONE : 0, rest > 2 ? NONE : 0, 0)));
  u32 sum = 0;
#define LANE(n) \
  sum = sum * 31 + (u32)wasm_i32x4_extract_lane(first, n) + \
        ((u32)wasm_i32x4_extract_lane(second, n) << 16 | (u32)wasm_i32x4_extract_lane(second, n) >> 16);
  LANE(0) LANE(1) LANE(2) LANE(3)
  return sum;
}

/** Tokens of the first `length` units; their ids are at `out` unless only counted. Eight zero units must follow. */
__attribute__((export_name("encode"))) u32 encode(Context *context, u32 length, u32 countOnly) {
  switch (context->family) {
    case O200K: return countOnly ? run(context, length, 1, O200K) : run(context, length, 0, O200K);
    case CL100K: return countOnly ? run(context, length, 1, CL100K) : run(context, length, 0, CL100K);
    default: return countOnly ? run(context, length, 1, GPT2) : run(context, length, 0, GPT2);
  }
}
