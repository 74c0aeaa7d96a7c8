// Tokenizer files dropped on the panel: their contents where the browser gives them, else their addresses. The host checks
// and keeps them and tells the user what came of each.

/** Bytes of all files of one drop together; larger files are added by command, which reads them from disk. */
export const dropByteLimit = 64 * 1024 * 1024;
/** Files or addresses of one drop. */
export const dropCountLimit = 8;

export interface DroppedFile {
  /** Without folders. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface TokenizerDrop {
  readonly files: readonly DroppedFile[];
  /** Addresses, from the explorer or a file manager. */
  readonly uris: readonly string[];
  /** Names of files left out because of their size. */
  readonly tooLarge: readonly string[];
}

/** Names of the tokenizers that were added. */
export interface TokenizerDropResult {
  readonly added: readonly string[];
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 && !/[\\/\p{Cc}]/u.test(value);

const isAddress = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z][a-z\d+.-]*:/i.test(value) && value.length <= 4096;

const isShortList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length <= dropCountLimit;

/** Whether a message of the page is a drop within the limits. */
export function isTokenizerDrop(params: Readonly<Record<string, unknown>>): boolean {
  const { files, uris, tooLarge } = params;
  if (!isShortList(files) || !isShortList(uris) || !isShortList(tooLarge)) return false;
  if (files.length + uris.length + tooLarge.length === 0) return false;
  if (!uris.every(isAddress) || !tooLarge.every(isName)) return false;
  let bytes = 0;
  for (const file of files) {
    if (typeof file !== 'object' || file === null) return false;
    const { name, content } = file as Partial<Record<string, unknown>>;
    if (!isName(name) || !(content instanceof Uint8Array)) return false;
    bytes += content.length;
  }
  return bytes <= dropByteLimit;
}
