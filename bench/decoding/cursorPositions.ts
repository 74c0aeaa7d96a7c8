// Cursor positions for the decoding benches: uniform over the characters of the TypeScript and JavaScript sources in
// node_modules (declaration files and minified code left out), repeatable from a seed.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/core/decoding/seededRandom';

export interface CursorPosition {
  readonly file: string;
  readonly text: string;
  /** UTF-16 offset; never inside a surrogate pair. */
  readonly at: number;
}

export function sourceFiles(root: string, limit: number): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      if (name.startsWith('.')) continue;
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) walk(path);
      else if (
        stat !== undefined &&
        /\.(?:ts|mts|js|mjs|cjs)$/.test(name) &&
        !/\.(?:d\.m?ts|min\.js)$/.test(name)
      ) {
        if (stat.size > 500 && stat.size < 200_000) found.push(path);
      }
    }
  };
  walk(root);
  const random = seededRandom(1);
  return found
    .map((path) => ({ path, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, limit)
    .map(({ path }) => path);
}

export function cursorPositions(count: number, seed: number): CursorPosition[] {
  const files = sourceFiles('node_modules', 400)
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
    // Minified code has very long lines; it is nobody's editing position.
    .filter(({ text }) => text.length / text.split('\n').length < 200);
  const total = files.reduce((sum, { text }) => sum + text.length, 0);
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    let place = Math.floor(random() * total);
    for (const { file, text } of files) {
      if (place < text.length) {
        const unit = text.charCodeAt(place);
        return { file, text, at: unit >= 0xdc00 && unit < 0xe000 ? place + 1 : place };
      }
      place -= text.length;
    }
    throw new Error('no source files found: run npm ci first');
  });
}

/** Value at a share of the sorted values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/** CPU milliseconds of this process so far (user and system). */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
