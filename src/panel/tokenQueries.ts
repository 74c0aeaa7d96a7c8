// Answers the webview's requests about tokens, and finds tokens for places in the editor. A request is about one
// version of one document; when the engine has moved on, the answer is 'stale' and the webview asks again.
import * as vscode from 'vscode';
import { countCharacters, sliceDocument } from './documentText';
import { buildTokenPage, possibleCuts, unitsBeyond } from './tokenPage';
import { staleReply } from './panelFeature';
import type { PanelTokens } from './panelData';
import type { InspectedVersion, PanelFeature } from './panelFeature';
import type { EngineReply, SpanRange, TokenDetails } from '../engine/engineProtocol';
import type { PanelReply, PanelRequests, TokenScope } from '../shared/panelProtocol';

const scanTokens = 65_536;
/** Tokens that can touch one character: one for each of its bytes. */
const tokensOnCharacter = 4;

/** Most merge steps that travel to the page; a token of many thousand bytes has as many. */
const mergesSent = 64;

export class TokenQueries {
  constructor(private readonly tokens: PanelTokens) {}

  /** The host's part of the Tokens view. */
  readonly feature: PanelFeature = {
    answers: {
      tokenPage: (params, inspected) => this.page(inspected, params),
      tokenFacts: ({ index }, inspected) => this.facts(inspected, index),
      findId: (params, inspected) => this.findId(inspected, params),
    },
  };

  /** Tokens that touch UTF-16 units start … end − 1 (or the unit at `start` when empty), as first … last − 1. */
  async tokensOf(
    { document, version }: InspectedVersion,
    start: number,
    end: number,
  ): Promise<{ readonly first: SpanRange; readonly last: SpanRange } | undefined> {
    const touching = (offset: number): Promise<EngineReply<SpanRange>> =>
      this.tokens.query('spans', document, {
        query: { by: 'offset', start: offset, end: offset + 1, limit: tokensOnCharacter },
      });
    const first = await touching(start);
    const last = end > start + 1 ? await touching(end - 1) : first;
    if (!first.ok || !last.ok || first.value.version !== version || last.value.version !== version)
      return undefined;
    if (first.value.ids.length === 0 || last.value.ids.length === 0) return undefined;
    return { first: first.value, last: last.value };
  }

  /** The tokens of a selection, with totals of their own. */
  async scopeOf(
    inspected: InspectedVersion,
    start: number,
    end: number,
    label: string,
  ): Promise<TokenScope | null> {
    const found = await this.tokensOf(inspected, start, end);
    if (!found) return null;
    const { first, last } = found;
    const index = last.firstIndex + last.ids.length;
    const characters = await countCharacters(
      inspected.document,
      first.firstUtf16,
      last.utf16Ends.at(-1) ?? end,
    );
    return {
      first: first.firstIndex,
      last: index,
      label,
      tokens: index - first.firstIndex,
      characters,
      bytes: (last.byteEnds.at(-1) ?? 0) - first.firstByte,
    };
  }

  /** Editor range of a token; a token that only holds part of a character has the whole character. */
  async rangeOf({ document, version }: InspectedVersion, index: number): Promise<vscode.Range | undefined> {
    const reply = await this.tokens.query('tokenByIndex', document, { index });
    if (!reply.ok || reply.value?.version !== version || document.version !== version) return undefined;
    const { utf16Start, utf16End } = reply.value;
    const character = sliceDocument(document, utf16Start, utf16Start + 2).codePointAt(0) ?? 0;
    const end = Math.max(utf16End, utf16Start + (character > 0xffff ? 2 : 1));
    return new vscode.Range(document.positionAt(utf16Start), document.positionAt(end));
  }

  private async page(
    { document, version }: InspectedVersion,
    { first, count }: PanelRequests['tokenPage']['params'],
  ): Promise<PanelReply> {
    const reply = await this.tokens.query('spans', document, { query: { by: 'index', first, limit: count } });
    if (!reply.ok) return refusal(reply.error);
    const range = reply.value;
    if (range.version !== version || document.version !== version) return staleReply;
    const text = sliceDocument(document, range.firstUtf16, (range.utf16Ends.at(-1) ?? 0) + unitsBeyond);
    const position = document.positionAt(range.firstUtf16);
    const cut = await this.chooseCut(document, range, text);
    if (cut === undefined)
      return {
        ok: false,
        code: 'failed',
        message: vscode.l10n.t('The offsets of the tokens do not fit the text.'),
      };
    return {
      ok: true,
      result: buildTokenPage(range, text, cut, { line: position.line, column: position.character }),
    };
  }

  /** Where the first token begins inside its character; asks for its bytes when the offsets leave it open. */
  private async chooseCut(
    document: vscode.TextDocument,
    range: SpanRange,
    text: string,
  ): Promise<number | undefined> {
    const cuts = possibleCuts(range, text);
    if (cuts.length <= 1) return cuts[0];
    const first = await this.tokens.query('tokenByIndex', document, { index: range.firstIndex });
    const wanted = first.ok ? first.value?.bytes : undefined;
    if (!wanted) return cuts[0];
    const bytes = new TextEncoder().encode(text.slice(0, wanted.length + unitsBeyond));
    return cuts.find((cut) => wanted.every((byte, i) => bytes[cut + i] === byte));
  }

  private async facts({ document, version }: InspectedVersion, index: number): Promise<PanelReply> {
    const reply = await this.tokens.query('tokenByIndex', document, { index });
    if (!reply.ok) return refusal(reply.error);
    const details: TokenDetails | null = reply.value;
    if (details === null) return { ok: true, result: null };
    if (details.version !== version || document.version !== version) return staleReply;
    const { line, character } = document.positionAt(details.utf16Start);
    const merges = details.merges.slice(-mergesSent);
    return { ok: true, result: { index, rank: details.rank, merges, line, column: character } };
  }

  private async findId(
    { document, version }: InspectedVersion,
    { id, from, direction }: PanelRequests['findId']['params'],
  ): Promise<PanelReply> {
    const total = await this.tokens.query('spans', document, { query: { by: 'index', first: 0, limit: 1 } });
    if (!total.ok) return refusal(total.error);
    const { totalTokens } = total.value;
    const next = direction === 'next';
    // From `from` to the end, then from the start round to `from`; backwards the other way.
    const stretches: readonly (readonly [number, number])[] = next
      ? [
          [from + 1, totalTokens],
          [0, from + 1],
        ]
      : [
          [0, from],
          [from, totalTokens],
        ];
    for (const [i, [start, end]] of stretches.entries()) {
      const found = await this.scan({ document, version }, id, start, end, next);
      if (found === 'stale') return staleReply;
      if (found !== undefined) return { ok: true, result: { index: found, wrapped: i === 1 } };
    }
    return { ok: true, result: null };
  }

  /** First (or last) token with this id in start … end − 1. */
  private async scan(
    { document, version }: InspectedVersion,
    id: number,
    start: number,
    end: number,
    forwards: boolean,
  ): Promise<number | 'stale' | undefined> {
    for (let done = 0; done < end - start; done += scanTokens) {
      const limit = Math.min(scanTokens, end - start - done);
      const first = forwards ? start + done : end - done - limit;
      const reply = await this.tokens.query('spans', document, { query: { by: 'index', first, limit } });
      if (!reply.ok || reply.value.version !== version) return 'stale';
      const at = forwards ? reply.value.ids.indexOf(id) : reply.value.ids.lastIndexOf(id);
      if (at >= 0) return first + at;
    }
    return undefined;
  }
}

const refusal = (error: { readonly code: string; readonly message: string }): PanelReply => ({
  ok: false,
  code: error.code === 'notOpen' || error.code === 'cancelled' ? 'stale' : 'failed',
  message: error.message,
});
