// A long measurement in parts: one line of JSON a place, in a file of its own, so that a run that was stopped goes on where it
// was. Nothing is read from what the run prints.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

interface Line {
  readonly part: string;
  readonly place: number;
  readonly result: unknown;
}

export class PartialRun {
  readonly #done = new Map<string, Map<number, unknown>>();
  #said = 0;

  /**
   * @param path the file; lines of earlier runs are taken over, a last line that was cut off is not
   * @param until time (Date.now) at which to stop; places that are missing then stay missing
   */
  constructor(
    readonly path: string,
    readonly until: number,
    readonly say: (what: string) => void,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
      if (line === '') continue;
      let read: Line;
      try {
        read = JSON.parse(line) as Line;
      } catch {
        // A line that a stopped run broke off; its place is measured again.
        continue;
      }
      this.#part(read.part).set(read.place, read.result);
    }
    // What was broken off must not run into the next line.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n');
  }

  /** Results of places 0 to `count` - 1, those of earlier runs included; fewer when time ran out. */
  async measure<T>(part: string, count: number, one: (place: number) => Promise<T>): Promise<T[]> {
    const done = this.#part(part);
    for (let place = 0; place < count && Date.now() < this.until; place++) {
      if (done.has(place)) continue;
      const result = await one(place);
      done.set(place, result);
      appendFileSync(this.path, `${JSON.stringify({ part, place, result } satisfies Line)}\n`);
      if (Date.now() - this.#said > 10_000) {
        this.#said = Date.now();
        this.say(`${part}: ${done.size} of ${count}`);
      }
    }
    return [...done].filter(([place]) => place < count).map(([, result]) => result as T);
  }

  #part(name: string): Map<number, unknown> {
    let part = this.#done.get(name);
    if (part === undefined) this.#done.set(name, (part = new Map<number, unknown>()));
    return part;
  }
}
