// Types of l10nBundle.mjs, for the tests.
export function collectStrings(): {
  readonly strings: readonly string[];
  readonly computed: readonly string[];
};
export function bundleText(): string;
