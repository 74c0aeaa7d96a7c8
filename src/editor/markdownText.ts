// Plain text inside markdown. `appendText` would do it too, but makes every space unbreakable, so that lines tear words.

/** `text` so that markdown shows it as it is. */
export function escapedMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~$]/g, '\\$&');
}
