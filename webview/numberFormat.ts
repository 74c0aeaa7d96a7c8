// Numbers as the reader writes them: grouped whole numbers, ratios with two decimals, offsets, bytes in hex.

export interface NumberFormat {
  /** 1234567 → '1,234,567'. */
  whole(value: number): string;
  /** 4.5678 → '4.57'; nothing to divide by → '–'. */
  ratio(numerator: number, denominator: number): string;
  /** As few decimals as the number has, at most two: 0.5 → '0.5', 13 → '13'. */
  short(value: number): string;
  /** Share of a whole: 0.1234 → '12.3%'. */
  percent(share: number): string;
  /** The same for a column of them, always with one decimal: 0.5 → '50.0%'. */
  percentInColumn(share: number): string;
  /** Natural logarithm of a probability: -3.456 → '−3.46'; unknown → '–'. */
  nats(logProb: number): string;
}

/** The locale if this browser knows it, else English; a malformed tag throws in Intl. */
function knownLocale(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf([locale])[0] ?? 'en';
  } catch {
    return 'en';
  }
}

/** A share that is not nothing is not written as nothing. */
const withLeast = (format: Intl.NumberFormat, share: number): string =>
  share > 0 && share < 0.001 ? `< ${format.format(0.001)}` : format.format(share);

export function createNumberFormat(locale: string): NumberFormat {
  const safe = knownLocale(locale);
  const whole = new Intl.NumberFormat(safe);
  const short = new Intl.NumberFormat(safe, { maximumFractionDigits: 2 });
  const ratio = new Intl.NumberFormat(safe, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(safe, { style: 'percent', maximumFractionDigits: 1 });
  const percentInColumn = new Intl.NumberFormat(safe, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return {
    whole: (value) => whole.format(value),
    ratio: (numerator, denominator) => (denominator === 0 ? '–' : ratio.format(numerator / denominator)),
    short: (value) => short.format(value),
    percent: (share) => withLeast(percent, share),
    percentInColumn: (share) => withLeast(percentInColumn, share),
    nats: (logProb) =>
      Number.isFinite(logProb) ? ratio.format(logProb === 0 ? 0 : logProb).replace('-', '−') : '–',
  };
}

/** [0xe2, 0x82] → 'E2 82'. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}
