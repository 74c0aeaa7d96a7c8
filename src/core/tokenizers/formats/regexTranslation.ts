// Oniguruma and Rust regular expressions, as tokenizer files have them, in JavaScript's 'v' dialect.
// What differs and is translated: \s \d \w \h and POSIX classes (Unicode, not JavaScript's sets), (?i:…) groups
// (Node 20 has none; letters become sets of their case variants), possessive quantifiers and atomic groups (a
// look-ahead and a back-reference), ^ and $ (always at lines), \A \z \Z, \x{…}, nested sets and &&.
// Worked example: (?i:'s)++ -> (?=(?<q0>(?:['][s S ſ])+))\k<q0>.
// What JavaScript cannot say exactly (\K, \G, recursion, conditionals, absent groups) is refused by name.
import { FormatError } from './formatResult';
import { caseVariants, CONTROL_POINTS, POSIX, propertyNames, SHORTHAND } from './regexClasses';

const NEEDS_ESCAPE = /[\^$\\.*+?()[\]{}|/&\-!#%,:;<=>@`~"']/;
const MAX_DEPTH = 64;
const MAX_LENGTH = 20_000;

/** The pattern as a global JavaScript expression. Throws FormatError 'bad-regex' or 'unsupported-part'. */
export function translateRegex(source: string, where: string): RegExp {
  if (source.length > MAX_LENGTH) {
    throw new FormatError('too-large', `${where} is ${source.length} characters long; no real pattern is.`);
  }
  const translated = new Translator(source, where).translate();
  try {
    return new RegExp(translated, 'gv');
  } catch {
    throw new FormatError('bad-regex', `${where} is not a valid regular expression: ${source.slice(0, 60)}`);
  }
}

const escape = (character: string): string =>
  character < ' ' || NEEDS_ESCAPE.test(character)
    ? `\\u{${character.codePointAt(0)!.toString(16)}}`
    : character;

class Translator {
  readonly #source: string[];
  #at = 0;
  #depth = 0;
  #groups = 0;
  #ignoreCase = false;
  #dotAll = false;

  constructor(
    source: string,
    readonly where: string,
  ) {
    this.#source = Array.from(source);
  }

  translate(): string {
    const out = this.#alternatives();
    if (this.#at < this.#source.length) throw this.#bad('an unmatched parenthesis');
    return out;
  }

  #peek(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.#source[this.#at + i] !== text[i]) return false;
    return true;
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  #bad(what: string): FormatError {
    return new FormatError(
      'bad-regex',
      `${this.where} has ${what}. The file is damaged or not a tokenizer file.`,
    );
  }

  #unsupported(what: string): FormatError {
    return new FormatError(
      'unsupported-part',
      `${this.where} uses ${what} in its regular expression, which cannot be translated exactly; the file is refused.`,
    );
  }

  #alternatives(): string {
    if (++this.#depth > MAX_DEPTH) {
      throw new FormatError('too-deep', `${this.where} has groups nested more than ${MAX_DEPTH} deep.`);
    }
    const [ignoreCase, dotAll] = [this.#ignoreCase, this.#dotAll];
    const branches: string[] = [];
    let branch = '';
    while (this.#at < this.#source.length && !this.#peek(')')) {
      if (this.#take('|')) {
        branches.push(branch);
        branch = '';
      } else branch += this.#term();
    }
    branches.push(branch);
    [this.#ignoreCase, this.#dotAll] = [ignoreCase, dotAll];
    this.#depth--;
    return branches.join('|');
  }

  #term(): string {
    const atom = this.#atom();
    return atom === '' ? '' : this.#quantified(atom);
  }

  #quantified(atom: string): string {
    let out = atom;
    for (;;) {
      const quantifier = this.#quantifier();
      if (quantifier === '') return out;
      if (this.#peek('?')) {
        this.#at++;
        out = `(?:${out})${quantifier}?`;
      } else if (this.#peek('+') && !quantifier.startsWith('{')) {
        this.#at++;
        out = this.#atomic(`(?:${out})${quantifier}`);
      } else out = `${out === atom && isSimple(atom) ? out : `(?:${out})`}${quantifier}`;
    }
  }

  #quantifier(): string {
    for (const one of ['*', '+', '?']) if (this.#take(one)) return one;
    if (!this.#peek('{')) return '';
    const close = this.#source.indexOf('}', this.#at);
    const body = close < 0 ? '' : this.#source.slice(this.#at + 1, close).join('');
    const range = /^(\d*)(,?)(\d*)$/.exec(body);
    if (!range || (range[1] === '' && range[3] === '')) return '';
    this.#at = close + 1;
    const [, low, comma, high] = range;
    if (Number(low) > 1000 || Number(high) > 1000) throw this.#unsupported('a repeat count above 1000');
    return `{${low === '' ? '0' : low}${comma}${high}}`;
  }

  #atomic(body: string): string {
    const name = `q${this.#groups++}`;
    return `(?:(?=(?<${name}>${body}))\\k<${name}>)`;
  }

  #atom(): string {
    const character = this.#source[this.#at++]!;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#set();
      case '\\':
        return this.#escaped();
      case '.':
        return this.#dotAll ? '[^]' : '[^\\n]';
      case '^':
        return '(?<=^|\\n)';
      case '$':
        return '(?=$|\\n)';
      case '*':
      case '+':
      case '?':
        throw this.#bad('a repeat sign with nothing before it');
      default:
        return this.#literal(character);
    }
  }

  #literal(character: string): string {
    if (!this.#ignoreCase) return escape(character);
    const variants = Array.from(caseVariants(character));
    return variants.length === 1 ? escape(character) : `[${variants.map(escape).join('')}]`;
  }

  #group(): string {
    let open = '(?:';
    let atomic = false;
    if (this.#take('?')) {
      const behind = this.#take('<=') ? '(?<=' : this.#take('<!') ? '(?<!' : null;
      if (behind) open = behind;
      else if (this.#take('=')) open = '(?=';
      else if (this.#take('!')) open = '(?!';
      else if (this.#take('>')) atomic = true;
      else if (this.#take('#')) {
        const close = this.#source.indexOf(')', this.#at);
        if (close < 0) throw this.#bad('a comment that does not end');
        this.#at = close + 1;
        return '';
      } else if (this.#take('<') || this.#take('P<')) this.#at = this.#source.indexOf('>', this.#at) + 1;
      else if (!this.#take(':')) return this.#flagGroup();
    } else if (this.#peek('*')) throw this.#unsupported('a call-out');
    return this.#closed(open, atomic);
  }

  #closed(open: string, atomic: boolean): string {
    const body = this.#alternatives();
    if (!this.#take(')')) throw this.#bad('a parenthesis that does not close');
    return atomic ? this.#atomic(body) : `${open}${body})`;
  }

  /** `(?i:…)`, or `(?i)` for the rest of the enclosing group. */
  #flagGroup(): string {
    const before = [this.#ignoreCase, this.#dotAll] as const;
    let on = true;
    for (;;) {
      const flag = this.#source[this.#at++];
      if (flag === '-') on = false;
      else if (flag === 'i') this.#ignoreCase = on;
      else if (flag === 's' || flag === 'm') this.#dotAll = on;
      else if (flag === 'u') continue;
      else if (flag === ':') {
        const out = this.#closed('(?:', false);
        [this.#ignoreCase, this.#dotAll] = before;
        return out;
      } else if (flag === ')') {
        // Oniguruma: a(?i)b|c is a(?i:b|c), to the end of the enclosing group.
        const out = `(?:${this.#alternatives()})`;
        [this.#ignoreCase, this.#dotAll] = before;
        return out;
      } else throw this.#unsupported(`the group '(?${flag ?? ''}'`);
    }
  }

  #escaped(): string {
    const letter = this.#source[this.#at++];
    if (letter === undefined) throw this.#bad('a backslash at its end');
    const inside = SHORTHAND[letter.toLowerCase()];
    if (inside !== undefined && /[sdwhSDWH]/.test(letter)) {
      return letter === letter.toLowerCase() ? `[${inside}]` : `[^${inside}]`;
    }
    switch (letter) {
      case 'p':
      case 'P':
        return this.#property(letter);
      case 'b':
        return '(?:(?<=[\\p{L}\\p{M}\\p{Nd}\\p{Pc}])(?![\\p{L}\\p{M}\\p{Nd}\\p{Pc}])|(?<![\\p{L}\\p{M}\\p{Nd}\\p{Pc}])(?=[\\p{L}\\p{M}\\p{Nd}\\p{Pc}]))';
      case 'B':
        return '(?:(?<=[\\p{L}\\p{M}\\p{Nd}\\p{Pc}])(?=[\\p{L}\\p{M}\\p{Nd}\\p{Pc}])|(?<![\\p{L}\\p{M}\\p{Nd}\\p{Pc}])(?![\\p{L}\\p{M}\\p{Nd}\\p{Pc}]))';
      case 'A':
        return '(?<![^])';
      case 'z':
        return '(?![^])';
      case 'Z':
        return '(?=\\n?(?![^]))';
      case 'R':
        return '(?:\\r\\n|[\\n\\v\\f\\r\\x85\\u2028\\u2029])';
      default:
        return this.#literal(this.#escapedCharacter(letter));
    }
  }

  /** The character that an escape stands for; `letter` has been read. */
  #escapedCharacter(letter: string): string {
    const control = CONTROL_POINTS[letter];
    if (control !== undefined) return String.fromCharCode(control);
    if (letter === 'x' || letter === 'u') {
      const rest = this.#source.slice(this.#at, this.#at + 10).join('');
      const hex = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4})|([0-9A-Fa-f]{2}))/.exec(
        letter === 'x' ? rest.replace(/^([0-9A-Fa-f]{2}).*/s, '$1') : rest,
      );
      const digits = hex?.[1] ?? hex?.[2] ?? hex?.[3];
      if (!hex || digits === undefined || parseInt(digits, 16) > 0x10ffff)
        throw this.#bad('a bad \\x or \\u escape');
      this.#at += hex[0].length;
      return String.fromCodePoint(parseInt(digits, 16));
    }
    if (letter === '0') return '\0';
    if (/[A-Za-z0-9]/.test(letter)) throw this.#unsupported(`\\${letter}`);
    return letter;
  }

  #property(letter: string): string {
    let name = this.#source[this.#at++];
    let negative = letter === 'P';
    if (name === '{') {
      const close = this.#source.indexOf('}', this.#at);
      if (close < 0) throw this.#bad('a \\p that does not end');
      name = this.#source.slice(this.#at, close).join('');
      this.#at = close + 1;
      if (name.startsWith('^')) {
        negative = !negative;
        name = name.slice(1);
      }
    }
    for (const candidate of propertyNames(name ?? '')) {
      const text = `\\${negative ? 'P' : 'p'}{${candidate}}`;
      try {
        new RegExp(text, 'v');
      } catch {
        continue;
      }
      if (this.#ignoreCase && /^(Lu|Ll|Lt|Upper|Lower)/i.test(candidate)) {
        throw this.#unsupported('a case class where case is ignored');
      }
      return text;
    }
    throw this.#unsupported(`\\p{${(name ?? '').slice(0, 30)}}`);
  }

  #set(): string {
    if (++this.#depth > MAX_DEPTH)
      throw new FormatError('too-deep', `${this.where} has sets nested too deep.`);
    const negative = this.#take('^');
    const sides: string[] = [];
    let out = '';
    let first = true;
    for (;;) {
      if (this.#at >= this.#source.length) throw this.#bad('a set that does not close');
      if (this.#peek(']') && !first) break;
      first = false;
      if (this.#take('&&')) {
        sides.push(out);
        out = '';
      } else out += this.#setPart();
    }
    this.#at++;
    this.#depth--;
    sides.push(out);
    const body = sides.length === 1 ? out : sides.map((side) => `[${side}]`).join('&&');
    return `[${negative ? '^' : ''}${body}]`;
  }

  #setPart(): string {
    const character = this.#source[this.#at++]!;
    if (character === '[') {
      const posix = /^:(\^?)([a-z]+):\]/.exec(this.#source.slice(this.#at, this.#at + 12).join(''));
      if (!posix) return this.#set();
      const inside = POSIX[posix[2]!];
      if (inside === undefined) throw this.#unsupported(`[[:${posix[2]!}:]]`);
      this.#at += posix[0].length;
      return posix[1] === '^' ? `[^${inside}]` : inside;
    }
    let low = character;
    if (character === '\\') {
      const letter = this.#source[this.#at++];
      if (letter === undefined) throw this.#bad('a set that does not close');
      const inside = SHORTHAND[letter.toLowerCase()];
      if (inside !== undefined && /[sdwhSDWH]/.test(letter)) {
        return letter === letter.toLowerCase() ? inside : `[^${inside}]`;
      }
      if (letter === 'p' || letter === 'P') return this.#property(letter);
      low = letter === 'b' ? '\b' : this.#escapedCharacter(letter);
    }
    const next = this.#source[this.#at + 1];
    if (!this.#peek('-') || next === undefined || next === ']' || next === '[') return this.#range(low, low);
    this.#at++;
    let high = this.#source[this.#at++]!;
    if (high === '\\') {
      const letter = this.#source[this.#at++]!;
      if (/[sdwhpSDWHP]/.test(letter)) throw this.#bad('a range that ends in a class');
      high = this.#escapedCharacter(letter);
    }
    return this.#range(low, high);
  }

  #range(low: string, high: string): string {
    const [from, to] = [low.codePointAt(0)!, high.codePointAt(0)!];
    if (from > to) throw this.#bad('a range that runs backwards');
    const plain = from === to ? escape(low) : `${escape(low)}-${escape(high)}`;
    if (!this.#ignoreCase) return plain;
    if (to - from > 4096) throw this.#unsupported('a wide range where case is ignored');
    const all = new Set<string>();
    for (let point = from; point <= to; point++) {
      for (const one of caseVariants(String.fromCodePoint(point))) all.add(one);
    }
    return plain + [...all].map(escape).join('');
  }
}

/** A quantifier may follow without a group: one set, one escape or one character. */
function isSimple(atom: string): boolean {
  return /^(?:\\u\{[0-9a-f]+\}|\\[pP]\{[^}]*\}|[^\\([])$/u.test(atom) || /^\[[^[\]]*\]$/.test(atom);
}
