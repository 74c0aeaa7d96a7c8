// The token worker's documents: opened with their text, kept up to date by edits, asked for totals and tokens.
import { createTextMarks, type TextMarks } from '../core/text/textMarks';
import { LiveDocument } from '../core/tokenizers/liveDocument';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type {
  DocumentHandle,
  DocumentTotals,
  EngineReply,
  SpanQuery,
  SpanRange,
  TokenizerId,
} from './engineProtocol';
import { answer, refuse, type RequestHandlers } from './requestContext';
import { countOfTexts, type TokenizerPool } from './tokenizerPool';
import { describeToken } from './tokenDescription';

interface OpenDocument {
  readonly tokenizerId: TokenizerId;
  readonly tokenizer: Tokenizer;
  readonly live: LiveDocument;
  readonly marks: TextMarks;
  version: number;
}

/** Text that is still arriving. */
interface Upload {
  readonly tokenizerId: TokenizerId;
  readonly version: number;
  readonly pieces: string[];
}

type DocumentRequestName =
  | 'openDocument'
  | 'appendText'
  | 'editDocument'
  | 'closeDocument'
  | 'spans'
  | 'tokenAt'
  | 'tokenByIndex'
  | 'countRanges'
  | 'lineCounts';

function totalsOf({ tokenizerId, tokenizer, live, marks, version }: OpenDocument): DocumentTotals {
  return {
    version,
    tokenizer: tokenizerId,
    provenance: tokenizer.provenance,
    tokens: live.tokenCount,
    characters: live.characterCount,
    bytes: live.byteLength,
    utf16Length: live.utf16Length,
    specialTexts: marks.specialTexts(),
    replacementCharacters: marks.replacementCharacters(),
  };
}

function spansOf({ live, version }: OpenDocument, query: SpanQuery): SpanRange {
  const first = query.by === 'index' ? query.first : live.tokenIndexAt(query.start);
  const wanted =
    query.by === 'index' ? query.limit : live.spansByOffset(query.start, query.end).spans.ids.length;
  const range = live.spansByIndex(first, Math.min(wanted, query.limit));
  return {
    version,
    firstIndex: range.firstToken,
    totalTokens: live.tokenCount,
    firstByte: range.startByte,
    firstUtf16: range.startUtf16,
    ids: range.spans.ids,
    byteEnds: range.spans.byteEnds.map((end) => end + range.startByte),
    utf16Ends: range.spans.utf16Ends.map((end) => end + range.startUtf16),
  };
}

/** The handlers of all requests about documents. They must run one after the other, in the order of arrival. */
export function createDocumentRequests(tokenizers: TokenizerPool): RequestHandlers<DocumentRequestName> {
  const documents = new Map<DocumentHandle, OpenDocument>();
  const uploads = new Map<DocumentHandle, Upload>();

  const withDocument = <T>(
    handle: DocumentHandle,
    run: (document: OpenDocument) => EngineReply<T>,
  ): EngineReply<T> => {
    const document = documents.get(handle);
    return document === undefined
      ? refuse('notOpen', 'This document is not open in the token engine.')
      : run(document);
  };

  async function finish(handle: DocumentHandle): Promise<EngineReply<DocumentTotals | null>> {
    const upload = uploads.get(handle);
    uploads.delete(handle);
    if (upload === undefined) return refuse('notOpen', 'This document is not open in the token engine.');
    const { tokenizerId, version } = upload;
    const tokenizer = await tokenizers.get(tokenizerId);
    if (!tokenizer.ok) return tokenizer;
    const text = upload.pieces.join('');
    const document: OpenDocument = {
      tokenizerId,
      tokenizer: tokenizer.value,
      live: new LiveDocument(tokenizer.value, text),
      marks: createTextMarks(text, [...tokenizer.value.specialTokens.keys()]),
      version,
    };
    documents.set(handle, document);
    return answer(totalsOf(document));
  }

  return {
    openDocument: ({ handle, version, tokenizer, text, more }) => {
      documents.delete(handle);
      uploads.set(handle, { tokenizerId: tokenizer, version, pieces: [text] });
      return more ? answer(null) : finish(handle);
    },
    appendText: ({ handle, text, more }) => {
      uploads.get(handle)?.pieces.push(text);
      return more ? answer(null) : finish(handle);
    },
    editDocument: ({ handle, version, edits, utf16Length }) =>
      withDocument(handle, (document) => {
        const { live, marks } = document;
        // Last edit first: the offsets of the others then stay those of the text before the event.
        for (const edit of [...edits].sort((a, b) => b.offset - a.offset)) {
          marks.beforeEdit((start, end) => live.text.slice(start, end), edit.offset, edit.deletedLength);
          live.applyEdits([edit]);
          marks.afterEdit((start, end) => live.text.slice(start, end), edit.offset, edit.text.length);
        }
        document.version = version;
        if (live.utf16Length === utf16Length) return answer(totalsOf(document));
        documents.delete(handle);
        return refuse(
          'outOfSync',
          `The engine has ${live.utf16Length} units of this document, the editor ${utf16Length}.`,
        );
      }),
    closeDocument: ({ handle }) => {
      documents.delete(handle);
      uploads.delete(handle);
      return answer(null);
    },
    spans: ({ handle, query }) => withDocument(handle, (document) => answer(spansOf(document, query))),
    tokenAt: ({ handle, offset }) =>
      withDocument(handle, (document) => {
        const index = document.live.tokenIndexAt(offset);
        return answer(describeToken(document, index));
      }),
    tokenByIndex: ({ handle, index }) =>
      withDocument(handle, (document) => answer(describeToken(document, index))),
    countRanges: ({ handle, ranges }, context) =>
      withDocument(handle, (document) => {
        const { live, tokenizer, version } = document;
        const texts = ranges.map(([start, end]) => live.text.slice(start, end));
        const count = countOfTexts(tokenizer, texts, () => context.cancelled());
        return count === null ? refuse('cancelled', 'Cancelled.') : answer({ ...count, version });
      }),
    lineCounts: ({ handle, first, last }) =>
      withDocument(handle, ({ live, version }) => answer({ version, counts: live.lineCounts(first, last) })),
  };
}
