// What reading a tokenizer file gives: a tokenizer with a description, or a named reason that says what to do.
// Readers throw FormatError inside and hand out values at their edge, so that no caller can forget to catch.
import type { Tokenizer } from '../tokenizer';

/** Every way a tokenizer file can be refused. Stable: shown to users and compared in tests. */
export type FormatErrorCode =
  | 'empty-file'
  | 'unknown-format'
  | 'truncated'
  | 'bad-json'
  | 'bad-text'
  | 'bad-base64'
  | 'bad-protobuf'
  | 'bad-field'
  | 'bad-vocabulary'
  | 'bad-merge'
  | 'bad-regex'
  | 'regex-may-hang'
  | 'bad-charsmap'
  | 'duplicate-id'
  | 'duplicate-token'
  | 'missing-bytes'
  | 'missing-token'
  | 'needs-pattern'
  | 'too-deep'
  | 'too-large'
  | 'unsupported-part'
  | 'unsupported-version';

export interface FormatReason {
  readonly code: FormatErrorCode;
  /** One or two sentences for the user: what is wrong, what to do. */
  readonly message: string;
}

/** What a tokenizer file says about itself, for display. */
export interface TokenizerDescription {
  readonly format: 'tokenizer.json' | '.tiktoken' | 'SentencePiece .model' | 'tekken.json';
  /** 'BPE, byte-level', 'Unigram', … */
  readonly model: string;
  readonly vocabularySize: number;
  readonly specialTokens: readonly { readonly text: string; readonly id: number }[];
  /** Added tokens that are matched in ordinary text. */
  readonly matchedTokens: number;
  readonly normalizer: string;
  readonly preTokenizer: string;
  readonly decoder: string;
  /** What the file would add around a prompt; shown, never counted. */
  readonly postProcessor: string;
  /**
   * Test strings that the file brings with it (SentencePiece's self_test_data). All of them give the pieces that the
   * file says; a file where one does not is refused. Absent for formats that have none.
   */
  readonly ownTests?: number;
  /** Limits a reader should know: ignored dropout, Unicode version, … */
  readonly notes: readonly string[];
}

export interface ReadTokenizer {
  readonly tokenizer: Tokenizer;
  readonly description: TokenizerDescription;
}

export type FormatResult =
  ({ readonly ok: true } & ReadTokenizer) | { readonly ok: false; readonly reason: FormatReason };

/** How a reader labels what it reads. */
export interface FileIdentity {
  /** Shown as the tokenizer's name: the file's, without folders, or the one its user gave it. */
  readonly name: string;
  /** What the file itself is called, when `name` is something else: rank files are known by it. */
  readonly fileName?: string;
  /** Hex SHA-256 of the file; its first 8 digits go into the provenance. */
  readonly sha256?: string;
}

/** Thrown inside readers only. */
export class FormatError extends Error {
  constructor(
    readonly code: FormatErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'FormatError';
  }
}

/** Largest vocabulary accepted; the largest published ones have about 300 000 entries. */
export const MAX_VOCABULARY = 4_000_000;
/** Largest file accepted, bytes. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Runs a reader and turns what it throws into a reason. Errors that are not about the file are not hidden. */
export function guarded(read: () => ReadTokenizer): FormatResult {
  try {
    return { ok: true, ...read() };
  } catch (error) {
    if (error instanceof FormatError) {
      return { ok: false, reason: { code: error.code, message: error.message } };
    }
    throw error;
  }
}

/** Provenance text: 'tokenizer.json, sha256 446a9538…'. */
export function sourceLabel(identity: FileIdentity): string {
  return identity.sha256 ? `${identity.name}, sha256 ${identity.sha256.slice(0, 8)}…` : identity.name;
}
