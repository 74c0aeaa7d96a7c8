// What a way of laying tokens out has to say; the list (tokenList.ts) does the scrolling, focus and keyboard for all.
import type { NumberFormat } from './numberFormat';
import type { TokenPages } from './tokenPages';

/** Tokens first … last − 1. */
export interface TokenRange {
  readonly first: number;
  readonly last: number;
}

/** What drawing needs to know. */
export interface DrawContext {
  readonly pages: TokenPages;
  readonly format: NumberFormat;
  /** Tokens that the list shows. */
  readonly range: TokenRange;
}

export interface TokenArrangement {
  readonly kind: 'text' | 'table';
  /** Tokens for each block of the virtual scroll. */
  readonly blockTokens: number;
  /** Guessed height of a block, in rem. */
  readonly guess: number;
  /** Row that stays at the top, for a table. */
  header(): HTMLElement | null;
  /** Tokens that have to be here before a block can be drawn. */
  needs(block: number, range: TokenRange): TokenRange;
  /** Tokens of a block; undefined while they are not here. */
  tokensOf(block: number, context: DrawContext): TokenRange | undefined;
  /** Draws tokens into an empty block. Every token's element carries data-token. */
  draw(tokens: TokenRange, into: HTMLElement, context: DrawContext): void;
}
