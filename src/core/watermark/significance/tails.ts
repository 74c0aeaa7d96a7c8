// Upper tails of the null distributions, as natural logarithms so that no p-value is ever 0: normal, binomial,
// hypergeometric and gamma. Sums run over the shorter side, from the largest term outwards.
import { logChoose, logGamma } from './gammaFunction';

/** A p-value that keeps its size below what a double can hold. */
export interface Probability {
  /** Never 0: the smallest positive double where the real value is below it. */
  readonly p: number;
  /** Decimal logarithm, exact also where `p` is clipped. */
  readonly log10P: number;
}

export function probabilityFromLog(naturalLog: number): Probability {
  const bounded = Math.min(0, naturalLog);
  return { p: Math.max(Math.exp(bounded), Number.MIN_VALUE), log10P: bounded / Math.LN10 };
}

/** ln P(Z >= z) for a standard normal Z; relative error about 1e-12. */
export function logNormalTail(z: number): number {
  const x = z / Math.SQRT2;
  if (x < -2.5) return Math.log1p(-Math.exp(logNormalTail(-z)));
  if (x < 2.5) {
    // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, all terms of one sign.
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return Math.log(0.5 - (sum * Math.exp(-x * x)) / Math.sqrt(Math.PI));
  }
  // Continued fraction of erfc, evaluated from the inside.
  let fraction = 0;
  for (let n = 120; n > 0; n -= 1) fraction = n / 2 / (x + fraction);
  return -x * x - Math.log(2 * Math.sqrt(Math.PI) * (x + fraction));
}

/** z with P(Z <= z) = probability, by Newton steps on the tail. */
export function normalQuantile(probability: number): number {
  if (probability < 0.5) return -normalQuantile(1 - probability);
  const target = Math.log(1 - probability);
  let z = probability > 0.97 ? Math.sqrt(-2 * target) - 0.5 : 0.5;
  for (let step = 0; step < 60; step += 1) {
    const tail = logNormalTail(z);
    const slope = -Math.exp(-0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - tail);
    const change = (tail - target) / slope;
    z -= change;
    if (Math.abs(change) < 1e-15 * Math.max(1, Math.abs(z))) break;
  }
  return z;
}

/** Sum of consecutive terms relative to the first, each got from the one before by `ratio(i)`. */
function relativeSum(start: number, end: number, ratio: (i: number) => number): number {
  let term = 1;
  let sum = 1;
  const step = start <= end ? 1 : -1;
  for (let i = start; i !== end; i += step) {
    term *= ratio(i);
    sum += term;
    if (term < sum * 1e-18) break;
  }
  return sum;
}

/** ln P(Binomial(n, p) >= k). */
export function logBinomialTail(n: number, k: number, p: number): number {
  if (k <= 0) return 0;
  if (k > n || p <= 0) return -Infinity;
  if (p >= 1) return 0;
  const odds = p / (1 - p);
  const term = (i: number): number => logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p);
  if (k > n * p) return term(k) + Math.log(relativeSum(k, n, (i) => ((n - i) / (i + 1)) * odds));
  const below = term(k - 1) + Math.log(relativeSum(k - 1, 0, (i) => i / (n - i + 1) / odds));
  return Math.log1p(-Math.min(1, Math.exp(below)));
}

/** ln P(X >= k) for `drawn` of `population` items without return, `marked` of which are marked. */
export function logHypergeometricTail(population: number, marked: number, drawn: number, k: number): number {
  const least = Math.max(0, drawn + marked - population);
  const most = Math.min(drawn, marked);
  if (k <= least) return 0;
  if (k > most) return -Infinity;
  const rest = population - marked - drawn;
  const term = (i: number): number =>
    logChoose(marked, i) + logChoose(population - marked, drawn - i) - logChoose(population, drawn);
  if (k > (drawn * marked) / population) {
    const ratio = (i: number): number => ((marked - i) * (drawn - i)) / ((i + 1) * (rest + i + 1));
    return term(k) + Math.log(relativeSum(k, most, ratio));
  }
  const ratio = (i: number): number => (i * (rest + i)) / ((marked - i + 1) * (drawn - i + 1));
  const below = term(k - 1) + Math.log(relativeSum(k - 1, least, ratio));
  return Math.log1p(-Math.min(1, Math.exp(below)));
}

/** ln P(Gamma(shape, 1) >= x): the sum of `shape` unit exponentials is at least x. */
export function logGammaTail(shape: number, x: number): number {
  if (x <= 0) return 0;
  const front = shape * Math.log(x) - x - logGamma(shape);
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n += 1) {
      term *= x / (shape + n);
      sum += term;
    }
    return Math.log1p(-Math.min(1, Math.exp(front + Math.log(sum))));
  }
  // Lentz's continued fraction for the upper incomplete gamma function.
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n += 1) {
    const a = n * (shape - n);
    b += 2;
    d = 1 / (a * d + b || 1e-300);
    c = b + a / c || 1e-300;
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return front + Math.log(fraction);
}
