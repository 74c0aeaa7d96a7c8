// Reading fields of untrusted JSON: every access says where it was when the value is not what it should be.
import { FormatError } from './formatResult';

export type JsonObject = Readonly<Record<string, unknown>>;

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;

function wrong(where: string, wanted: string, value: unknown): FormatError {
  return new FormatError(
    'bad-field',
    `${where} should be ${wanted} but is ${describe(value)}. The file is damaged or not a tokenizer file; download it again.`,
  );
}

/** The value as an object, or a FormatError that names `where`. */
export function asObject(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(where, 'an object', value);
  return value as JsonObject;
}

export function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(where, 'a list', value);
  return value;
}

export function asString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw wrong(where, 'a text', value);
  return value;
}

/** A field, undefined also when it is inherited from Object.prototype. */
export function field(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function stringField(object: JsonObject, name: string, where: string): string {
  return asString(field(object, name), `${where}.${name}`);
}

/** A text, or null when the field is missing or null. */
export function optionalString(object: JsonObject, name: string, where: string): string | null {
  const value = field(object, name);
  return value === undefined || value === null ? null : asString(value, `${where}.${name}`);
}

export function booleanField(object: JsonObject, name: string, where: string, otherwise: boolean): boolean {
  const value = field(object, name);
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'boolean') throw wrong(`${where}.${name}`, 'true or false', value);
  return value;
}

/** A whole number in [low, high]. */
export function integerField(
  object: JsonObject,
  name: string,
  where: string,
  otherwise?: number,
  low = 0,
  high = 0x7fffffff,
): number {
  const value = field(object, name);
  if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    throw wrong(`${where}.${name}`, `a whole number from ${low} to ${high}`, value);
  }
  return value;
}

/** The `type` of a tokenizer.json part. */
export function typeOf(object: JsonObject, where: string): string {
  return stringField(object, 'type', where);
}
