// Heights of many blocks, most of them guessed: a Fenwick tree gives the height before a block and the block at a
// height in O(log n), and takes a measured height in O(log n). Blocks that nobody has measured count as the mean of
// those that somebody has, so that the scroll bar is about right from the start.

export class BlockHeights {
  private heights: Float64Array;
  private tree: Float64Array;
  private measured: Uint8Array;
  private measuredCount = 0;
  private measuredSum = 0;

  /** `count` blocks, each guessed as `guess` pixels. */
  constructor(
    readonly count: number,
    private guess: number,
  ) {
    this.heights = new Float64Array(count).fill(guess);
    this.measured = new Uint8Array(count);
    this.tree = new Float64Array(count + 1);
    this.rebuild();
  }

  /** Height of one block. */
  height(block: number): number {
    return this.heights[block] ?? 0;
  }

  get total(): number {
    return this.before(this.count);
  }

  /** Sum of the heights of all blocks before `block`. */
  before(block: number): number {
    let sum = 0;
    for (let i = Math.min(block, this.count); i > 0; i -= i & -i) sum += this.tree[i] ?? 0;
    return sum;
  }

  /** Block that holds the pixel `y`, and how far inside; the last block for anything beyond the end. */
  at(y: number): { readonly block: number; readonly offset: number } {
    let block = 0;
    let rest = Math.max(0, y);
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.count))); step >= 1; step /= 2) {
      const next = block + step;
      const height = this.tree[next] ?? 0;
      if (next <= this.count && height <= rest) {
        block = next;
        rest -= height;
      }
    }
    if (block < this.count) return { block, offset: rest };
    const last = Math.max(0, this.count - 1);
    return { block: last, offset: this.height(last) };
  }

  /** Takes a measured height; true when it differs by more than rounding. */
  measure(block: number, height: number): boolean {
    if (block >= this.count) return false;
    const old = this.height(block);
    if (this.measured[block] === 1) this.measuredSum -= old;
    else this.measuredCount++;
    this.measured[block] = 1;
    this.measuredSum += height;
    const difference = height - old;
    if (Math.abs(difference) < 0.01) return false;
    this.heights[block] = height;
    for (let i = block + 1; i <= this.count; i += i & -i) this.tree[i] = (this.tree[i] ?? 0) + difference;
    return true;
  }

  /** Guesses unmeasured blocks again from the mean of the measured ones, when that moved by more than a fifth. */
  improveGuess(): void {
    if (this.measuredCount === 0) return;
    const mean = this.measuredSum / this.measuredCount;
    if (mean <= 0 || Math.abs(mean - this.guess) <= 0.2 * this.guess) return;
    this.guess = mean;
    for (let block = 0; block < this.count; block++)
      if (this.measured[block] === 0) this.heights[block] = mean;
    this.rebuild();
  }

  private rebuild(): void {
    this.tree.fill(0);
    for (let i = 1; i <= this.count; i++) {
      this.tree[i] = (this.tree[i] ?? 0) + (this.heights[i - 1] ?? 0);
      const parent = i + (i & -i);
      if (parent <= this.count) this.tree[parent] = (this.tree[parent] ?? 0) + (this.tree[i] ?? 0);
    }
  }
}
