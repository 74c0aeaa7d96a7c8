// Tokens of the document as the webview holds them: pages of 512, fetched when something in sight needs them, the
// least recently used dropped. After an edit the old pages stay visible until the new ones arrive, so that typing
// does not make the panel flash.
import type { TokenPage } from '../src/shared/panelProtocol';
import { countLineBreaks } from './tokenText';
import type { LinkReply } from './hostLink';

export const pageSize = 512;
const pagesKept = 64;

/** One token as the views draw it. */
export interface TokenAtIndex {
  readonly index: number;
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly byteStart: number;
  readonly utf16Start: number;
  readonly utf16End: number;
}

interface HeldPage {
  readonly page: TokenPage;
  readonly fresh: boolean;
}

export class TokenPages {
  private readonly held = new Map<number, HeldPage>();
  private readonly asked = new Set<number>();
  private readonly failures = new Map<number, string>();
  private epoch = 0;
  private total = 0;

  /** `arrived` is told the range of tokens that can now be drawn (or that failed). */
  constructor(
    private readonly fetchPage: (first: number, count: number) => Promise<LinkReply<TokenPage>>,
    private readonly arrived: (first: number, last: number) => void,
  ) {}

  /** A new version with so many tokens. `keep` shows the old pages until the new ones are there. */
  reset(total: number, keep: boolean): void {
    this.epoch++;
    this.total = total;
    this.asked.clear();
    this.failures.clear();
    if (!keep) this.held.clear();
    for (const [number, { page }] of this.held) this.held.set(number, { page, fresh: false });
  }

  /** Forgets failures, so that the next `want` asks again. */
  retry(): void {
    this.failures.clear();
  }

  /** Why the page of a token could not be had, when it could not. */
  failure(index: number): string | undefined {
    return this.failures.get(Math.floor(index / pageSize));
  }

  /** The token, when its page is here. */
  token(index: number): TokenAtIndex | undefined {
    if (index >= this.total) return undefined;
    const page = this.held.get(Math.floor(index / pageSize))?.page;
    const i = page ? index - page.first : -1;
    if (!page || i < 0 || i >= page.ids.length) return undefined;
    const byteStart = i === 0 ? page.firstByte : (page.byteEnds[i - 1] ?? 0);
    return {
      index,
      id: page.ids[i] ?? 0,
      bytes: page.bytes.subarray(byteStart - page.firstByte, (page.byteEnds[i] ?? 0) - page.firstByte),
      byteStart,
      utf16Start: i === 0 ? page.firstUtf16 : (page.utf16Ends[i - 1] ?? 0),
      utf16End: page.utf16Ends[i] ?? 0,
    };
  }

  /** Editor line (from 0) in which a token starts, when its page is here. */
  line(index: number): number | undefined {
    const page = this.held.get(Math.floor(index / pageSize))?.page;
    if (!page) return undefined;
    const start = index === page.first ? page.firstByte : (page.byteEnds[index - page.first - 1] ?? 0);
    return page.firstLine + countLineBreaks(page.bytes.subarray(0, start - page.firstByte));
  }

  /** Whether a token is the first of its line. */
  startsLine(index: number): boolean {
    if (index === 0) return true;
    const page = this.held.get(Math.floor(index / pageSize))?.page;
    if (page?.first === index) return page.atLineStart;
    return this.token(index - 1)?.bytes.at(-1) === 0x0a;
  }

  /** Makes sure that the pages of tokens first … last − 1 are here or on their way. */
  want(first: number, last: number): void {
    const end = Math.min(last, this.total);
    for (let number = Math.floor(first / pageSize); number * pageSize < end; number++) {
      const have = this.held.get(number);
      if (have) {
        this.held.delete(number);
        this.held.set(number, have);
      }
      if (have?.fresh === true || this.asked.has(number) || this.failures.has(number)) continue;
      this.asked.add(number);
      void this.load(number, this.epoch);
    }
  }

  private async load(number: number, epoch: number): Promise<void> {
    const first = number * pageSize;
    const count = Math.min(pageSize, this.total - first);
    const reply = await this.fetchPage(first, count);
    if (epoch !== this.epoch) return;
    this.asked.delete(number);
    if (reply.ok) this.hold(number, reply.result);
    else if (reply.code === 'stale') return;
    else {
      // The page of the version before must not pass for this one.
      this.held.delete(number);
      this.failures.set(number, reply.message);
    }
    this.arrived(first, first + count);
  }

  private hold(number: number, page: TokenPage): void {
    this.held.delete(number);
    this.held.set(number, { page, fresh: true });
    for (const oldest of this.held.keys()) {
      if (this.held.size <= pagesKept) break;
      this.held.delete(oldest);
    }
  }
}
