// The vocabulary of a file: text of each id and id of each text, checked while it is filled.
import { FormatError, MAX_VOCABULARY } from './formatResult';

export class TokenTable {
  readonly texts: (string | undefined)[] = [];
  readonly #ids = new Map<string, number>();

  readonly idOf = (text: string): number | undefined => this.#ids.get(text);

  /** Throws FormatError when the id is taken, the text is taken, or the id is out of bounds. */
  add(text: string, id: number, where: string): void {
    if (!Number.isInteger(id) || id < 0) {
      throw new FormatError(
        'bad-vocabulary',
        `${where} has the id ${id}, which is not a whole number from 0. Download the file again.`,
      );
    }
    if (id >= MAX_VOCABULARY) {
      throw new FormatError(
        'too-large',
        `${where} has the id ${id}; ids above ${MAX_VOCABULARY} are refused.`,
      );
    }
    const other = this.texts[id];
    if (other !== undefined && other !== text) {
      throw new FormatError(
        'duplicate-id',
        `${where} gives the id ${id} to '${other.slice(0, 30)}' and to '${text.slice(0, 30)}'. The file is damaged; download it again.`,
      );
    }
    const taken = this.#ids.get(text);
    if (taken !== undefined && taken !== id) {
      throw new FormatError(
        'duplicate-token',
        `${where} lists '${text.slice(0, 30)}' twice, as ${taken} and ${id}. The file is damaged; download it again.`,
      );
    }
    // Ids may come in any order; the list must not turn into a sparse object.
    while (this.texts.length <= id) this.texts.push(undefined);
    this.texts[id] = text;
    this.#ids.set(text, id);
  }
}
