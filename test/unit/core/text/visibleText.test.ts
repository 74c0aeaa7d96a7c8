import { describe, expect, it } from 'vitest';
import { hexBytes, visibleBytes, visibleText } from '../../../../src/core/text/visibleText';

describe('visible text', () => {
  it.each([
    [' a\tb', '·a→b'],
    ['\r\n\0\x1b', '␍␊␀␛'],
    ['\x7f', '␡'],
    ['\u200b\u00a0\u2028\ufeff', '⟨U+200B⟩⟨U+00A0⟩⟨U+2028⟩⟨U+FEFF⟩'],
    ['\u{e0041}', '⟨U+E0041⟩'],
    ['\ud83d', '⟨U+D83D⟩'],
    ['é日🙂', 'é日🙂'],
  ])('shows %j as %s', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it('leaves nothing invisible in ASCII', () => {
    for (let unit = 0; unit < 0x80; unit++) {
      const shown = visibleText(String.fromCharCode(unit));
      expect(shown, `unit ${unit}`).toMatch(/^[!-~\u00b7\u2192\u2400-\u2421]$/);
    }
  });

  it('shows bytes of a cut character in hex', () => {
    expect(visibleBytes(Uint8Array.of(0x20, 0xf0, 0x9f))).toBe('⟨20 F0 9F⟩');
    expect(visibleBytes(Uint8Array.of(0x20, 0x61))).toBe('·a');
    expect(hexBytes(Uint8Array.of(0, 10, 255))).toBe('00 0A FF');
  });
});
