// Reading a scheme's settings from JSON that the user already has (a transformers `watermarking_config`, MarkLLM's
// config/*.json, ours with a "scheme" field). Keys can exceed 2^53, so large integers are kept as text.
import type { Outcome } from './scheme';
import { accept, refuse } from './scheme';

export type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses JSON and turns every integer of 16 digits or more into a string, so that no digit of a key is lost. */
export function parseSettingsText(text: string): Outcome<JsonObject> {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (match) =>
    /^-?\d{16,}$/.test(match) ? `"${match}"` : match,
  );
  let value: unknown;
  try {
    value = JSON.parse(quoted);
  } catch (error) {
    return refuse(
      `The scheme file is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!isObject(value))
    return refuse('The scheme file must hold one JSON object with the settings of a watermark.');
  return accept(value);
}

/** The part that describes the watermark: a generation_config.json keeps it under `watermarking_config`. */
export function watermarkPart(settings: JsonObject): JsonObject {
  const inner = settings['watermarking_config'] ?? settings['config'];
  return isObject(inner) ? { ...settings, ...inner } : settings;
}

/** Reads fields one by one and collects the first complaint, so that scheme files read as a list of their settings. */
export class SettingsReader {
  private complaint: string | undefined;

  constructor(
    readonly settings: JsonObject,
    private readonly schemeName: string,
  ) {}

  get problem(): string | undefined {
    return this.complaint;
  }

  complain(reason: string): void {
    this.complaint ??= `${this.schemeName}: ${reason}`;
  }

  number(name: string, fallback: number, least = -Infinity, most = Infinity): number {
    const value = this.settings[name] ?? fallback;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      this.complain(`"${name}" must be a number.`);
      return fallback;
    }
    if (number < least || number > most) {
      this.complain(`"${name}" is ${number}, but must be from ${least} to ${most}.`);
    }
    return number;
  }

  integer(name: string, fallback: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(name, fallback, least, most);
    if (!Number.isInteger(value)) this.complain(`"${name}" must be a whole number.`);
    return Math.trunc(value);
  }

  /** A share strictly between 0 and 1. */
  share(name: string, fallback: number): number {
    const value = this.number(name, fallback);
    if (!(value > 0 && value < 1)) this.complain(`"${name}" is ${value}, but must lie between 0 and 1.`);
    return value;
  }

  text<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const value = this.settings[name] ?? fallback;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.complain(`"${name}" must be one of ${allowed.join(', ')}.`);
    return found ?? fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.settings[name] ?? fallback;
    if (typeof value !== 'boolean') this.complain(`"${name}" must be true or false.`);
    return value === true;
  }

  /** An integer key of any size, inside [least, most]. */
  key(name: string, fallback: bigint | undefined, least: bigint, most: bigint): bigint {
    const value = this.settings[name] ?? fallback;
    const key = toBigInt(value);
    if (key === undefined) {
      this.complain(`"${name}" is missing or not a whole number. Give the key the text was made with.`);
      return 0n;
    }
    if (key < least || key > most) {
      this.complain(
        most === 2n ** 32n - 1n
          ? `the key must be below 2^32 (4294967296): this scheme's generator takes 32 bits and the reference does not shorten longer keys.`
          : `the key is outside ${String(least)} to ${String(most)}.`,
      );
    }
    return key;
  }

  keys(name: string): bigint[] {
    const value = this.settings[name];
    const list = typeof value === 'string' ? value.split(/[\s,]+/).filter((part) => part !== '') : value;
    const keys = Array.isArray(list) ? list.map(toBigInt) : [];
    if (keys.length === 0 || keys.includes(undefined)) {
      this.complain(`"${name}" must be a list of whole numbers.`);
      return [1n];
    }
    return keys.map((key) => BigInt.asIntN(64, key!));
  }

  optionalInteger(name: string): number | undefined {
    const value = this.settings[name];
    return value === undefined || value === null ? undefined : this.integer(name, 0, 0);
  }

  /** The size of the model's output layer, which every list depends on. */
  vocabularySize(): number {
    const value = this.settings['vocab_size'] ?? this.settings['vocabulary_size'] ?? this.settings['vocab'];
    if (value === undefined || value === null) {
      this.complain(
        `the vocabulary size is not in these settings. Give the model's config.vocab_size, padding included (for example 50257 for GPT-2, 151936 for Qwen2.5): with a wrong size no mark can be seen.`,
      );
      return 2;
    }
    const size = typeof value === 'string' ? Number(value) : value;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 2 || size >= 2 ** 21) {
      this.complain(`a vocabulary size must be a whole number from 2 to 2097151.`);
      return 2;
    }
    return size;
  }

  finish<T>(value: () => T): Outcome<T> {
    return this.complaint === undefined ? accept(value()) : refuse(this.complaint);
  }
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d+$/.test(value.trim())) return BigInt(value.trim());
  return undefined;
}
