// Words of an MT19937 stream at given far-apart places, for key sequences of millions of draws of which a text needs few:
// the state runs on without tempering, four words at a time in WebAssembly, and only the words asked for are tempered.
// The recurrence is written on one long array, x[k + 624] = twist(x[k], x[k + 1], x[k + 397]), so nothing wraps around.
import { MersenneTwister, seedState, STATE_WORDS } from './mersenneTwister';
import {
  BRANCH_TO_LOOP_IF,
  get,
  i32,
  I32,
  I32_ADD,
  I32_LESS,
  instantiate,
  load,
  loop,
  set,
  store,
  tee,
  V128,
  type WasmFunction,
  type WasmInstance,
  wasmModule,
} from './wasmAssembler';

const MIDDLE_BYTES = 4 * 397;
const STATE_BYTES = 4 * STATE_WORDS;
/** Words made by one call: a few state lengths, small enough to stay in the cache. */
const RUN_WORDS = 16 * STATE_WORDS;

const I32X4_SPLAT = [0xfd, 0x11];
const AND = [0xfd, 0x4e];
const OR = [0xfd, 0x50];
const XOR = [0xfd, 0x51];
const I32X4_NEGATE = [0xfd, 0xa1, 0x01];
const I32X4_SHIFT_RIGHT_UNSIGNED = [0xfd, 0xad, 0x01];
const constant = (value: number): number[] => [...i32(value), ...I32X4_SPLAT];

/** advance(at, end): fills the words from at + 624 words on, until `at` reaches `end`; both are byte addresses. */
function advance(): WasmFunction {
  const [at, end, mixed, upper, lower, one, matrix] = [0, 1, 2, 3, 4, 5, 6];
  return {
    name: 'advance',
    parameters: [I32, I32],
    locals: [[5, V128]],
    body: [
      ...[...constant(0x80000000 | 0), ...set(upper), ...constant(0x7fffffff), ...set(lower)],
      ...[...constant(1), ...set(one), ...constant(0x9908b0df | 0), ...set(matrix)],
      ...loop([
        ...get(at),
        ...[...get(at), ...load(0, 2), ...get(upper), ...AND],
        ...[...get(at), ...load(4, 2), ...get(lower), ...AND, ...OR, ...tee(mixed)],
        ...[...i32(1), ...I32X4_SHIFT_RIGHT_UNSIGNED],
        ...[...get(at), ...load(MIDDLE_BYTES, 2), ...XOR],
        ...[...get(mixed), ...get(one), ...AND, ...I32X4_NEGATE, ...get(matrix), ...AND, ...XOR],
        ...store(STATE_BYTES, 2),
        ...[...get(at), ...i32(16), ...I32_ADD, ...tee(at), ...get(end), ...I32_LESS, ...BRANCH_TO_LOOP_IF],
      ]),
    ],
  };
}

let kernel: WasmInstance | undefined;
let kernelTried = false;

/**
 * Calls `take(i, word)` for the i-th of the rising `places` (counted from the first word of the stream).
 * @param seed low 32 bits count. @param useWasm false for the plain loop, which gives the same words.
 */
export function distantWords(
  seed: number,
  places: Float64Array,
  take: (i: number, word: number) => void,
  useWasm = true,
): void {
  if (useWasm && !kernelTried) {
    kernelTried = true;
    kernel = instantiate(wasmModule([advance()]), STATE_BYTES + 4 * RUN_WORDS + 16);
  }
  if (useWasm && kernel !== undefined) fastWords(kernel, seed, places, take);
  else plainWords(seed, places, take);
}

function plainWords(seed: number, places: Float64Array, take: (i: number, word: number) => void): void {
  const words = new MersenneTwister(seed);
  let next = 0;
  places.forEach((place, i) => {
    words.skip(place - next);
    take(i, words.word());
    next = place + 1;
  });
}

function fastWords(
  { buffer, exports }: WasmInstance,
  seed: number,
  places: Float64Array,
  take: (i: number, word: number) => void,
): void {
  const state = new Int32Array(buffer);
  const run = exports['advance'] as (at: number, end: number) => void;
  seedState(state, seed);
  // Word p of the stream is x[624 + p]; the first 624 entries hold the state before `base`.
  let base = 0;
  let i = 0;
  while (i < places.length) {
    run(0, 4 * RUN_WORDS);
    for (; i < places.length && places[i]! < base + RUN_WORDS; i += 1) {
      let y = state[STATE_WORDS + places[i]! - base]!;
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      take(i, (y ^ (y >>> 18)) >>> 0);
    }
    state.copyWithin(0, RUN_WORDS, RUN_WORDS + STATE_WORDS);
    base += RUN_WORDS;
  }
}
