// The token worker's documents: opened with their text, kept up to date by edits, asked for totals and tokens.
import { hottestLines } from '../core/analysis/lineOffsets';
import { documentSections } from '../core/analysis/documentSections';
import { createLineIndex } from '../core/text/lineIndex';
import { createTextMarks, type TextMarks } from '../core/text/textMarks';
import { LiveDocument } from '../core/tokenizers/liveDocument';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type {
  DocumentHandle,
  DocumentTotals,
  EngineReply,
  SpanQuery,
  SpanRange,
  TokenDetails,
  TokenizerId,
} from './engineProtocol';
import { answer, refuse, type RequestHandlers } from './requestContext';
import { countOfTexts, type TokenizerPool } from './tokenizerPool';
import { TOKEN_LIST_HEADER, tokenRows } from './tokenList';
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
  | 'tokensAt'
  | 'tokenByIndex'
  | 'countRanges'
  | 'lineCounts'
  | 'tokenRows'
  | 'sections'
  | 'hottestLines';

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

/** UTF-8 continuation bytes have the form 10xxxxxx. A token that begins with one begins inside a character. */
const beginsInside = (tokenizer: Tokenizer, id: number): boolean =>
  (tokenizer.tokenBytes(id)[0]! & 0xc0) === 0x80;

function idAt({ live }: OpenDocument, index: number): number | undefined {
  return live.spansByIndex(index, 1).spans.ids[0];
}

function spansOf(document: OpenDocument, query: SpanQuery): SpanRange {
  const { live, tokenizer, version } = document;
  const { firstToken, startByte, startUtf16, spans } =
    query.by === 'index'
      ? live.spansByIndex(query.first, query.limit)
      : live.spansByIndex(
          live.tokenIndexAt(query.start),
          Math.min(query.limit, live.countRange(query.start, query.end)),
        );
  const cutEnds: number[] = [];
  const next = idAt(document, firstToken + spans.ids.length);
  for (let i = 0; i < spans.ids.length; i++) {
    const after = spans.ids[i + 1] ?? next;
    if (after !== undefined && beginsInside(tokenizer, after)) cutEnds.push(i);
  }
  return {
    version,
    firstIndex: firstToken,
    totalTokens: live.tokenCount,
    firstByte: startByte,
    firstUtf16: startUtf16,
    ids: spans.ids,
    byteEnds: spans.byteEnds.map((end) => end + startByte),
    utf16Ends: spans.utf16Ends.map((end) => end + startUtf16),
    cutEnds: Uint32Array.from(cutEnds),
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
        const slice = (start: number, end: number): string => live.slice(start, end);
        // Last edit first: the offsets of the others then stay those of the text before the event.
        for (const edit of [...edits].sort((a, b) => b.offset - a.offset)) {
          marks.beforeEdit(slice, edit.offset, edit.deletedLength);
          live.applyEdits([edit]);
          marks.afterEdit(slice, edit.offset, edit.text.length);
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
    tokensAt: ({ handle, offset }) =>
      withDocument(handle, (document) => {
        const first = document.live.tokenIndexAt(offset);
        const found: TokenDetails[] = [];
        for (let i = 0; i < document.live.countRange(offset, offset + 1); i++) {
          const details = describeToken(document, first + i);
          if (details !== null) found.push(details);
        }
        return answer(found);
      }),
    tokenByIndex: ({ handle, index }) =>
      withDocument(handle, (document) => answer(describeToken(document, index))),
    countRanges: ({ handle, ranges }, context) =>
      withDocument(handle, (document) => {
        const { live, tokenizer, version } = document;
        const texts = ranges.map(([start, end]) => live.slice(start, end));
        const count = countOfTexts(tokenizer, texts, () => context.cancelled());
        return count === null ? refuse('cancelled', 'Cancelled.') : answer({ ...count, version });
      }),
    lineCounts: ({ handle, first, last }) =>
      withDocument(handle, ({ live, version }) => answer({ version, counts: live.lineCounts(first, last) })),
    hottestLines: ({ handle }) =>
      withDocument(handle, ({ live, version }) =>
        answer({ version, lines: hottestLines(live.lineCounts(0, live.lineCount - 1)) }),
      ),
    sections: ({ handle, fileName, languageId, chatFormat }) =>
      withDocument(handle, ({ live, tokenizer, version }) => {
        const count = (text: string): number => tokenizer.count(text);
        return answer({ ...documentSections(live.text, fileName, languageId, chatFormat, count), version });
      }),
    tokenRows: ({ handle, first, limit }) =>
      withDocument(handle, (document) => {
        const { live, tokenizer } = document;
        const text = tokenRows(live, tokenizer, createLineIndex(live.text), first, limit);
        const listed = Math.max(0, Math.min(limit, live.tokenCount - first));
        return answer({ totals: totalsOf(document), header: TOKEN_LIST_HEADER, listed, text });
      }),
  };
}
