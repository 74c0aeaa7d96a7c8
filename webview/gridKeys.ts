// What a key means in the token grid. Pure, so that the whole keyboard is one table and one test.
import type { TokenLayout } from '../src/shared/panelMemory';

export type GridMove =
  | { readonly kind: 'token'; readonly by: number }
  | { readonly kind: 'line'; readonly by: 1 | -1 }
  | { readonly kind: 'page'; readonly by: 1 | -1 }
  | { readonly kind: 'lineEdge'; readonly to: 'start' | 'end' }
  | { readonly kind: 'edge'; readonly to: 'first' | 'last' }
  /** Select the token in the editor; `focus` goes there too. */
  | { readonly kind: 'reveal'; readonly focus: boolean }
  | { readonly kind: 'leave' };

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The move of a key, or undefined when the key is none of ours and VS Code should have it. */
export function gridMove(press: KeyPress, layout: TokenLayout): GridMove | undefined {
  if (press.altKey || press.shiftKey) return undefined;
  const jump = press.ctrlKey || press.metaKey;
  const table = layout === 'table';
  switch (press.key) {
    case 'Home':
      return jump || table ? { kind: 'edge', to: 'first' } : { kind: 'lineEdge', to: 'start' };
    case 'End':
      return jump || table ? { kind: 'edge', to: 'last' } : { kind: 'lineEdge', to: 'end' };
    case 'Enter':
      return { kind: 'reveal', focus: jump };
  }
  if (jump) return undefined;
  switch (press.key) {
    case 'ArrowRight':
      return { kind: 'token', by: 1 };
    case 'ArrowLeft':
      return { kind: 'token', by: -1 };
    case 'ArrowDown':
      return table ? { kind: 'token', by: 1 } : { kind: 'line', by: 1 };
    case 'ArrowUp':
      return table ? { kind: 'token', by: -1 } : { kind: 'line', by: -1 };
    case 'PageDown':
      return { kind: 'page', by: 1 };
    case 'PageUp':
      return { kind: 'page', by: -1 };
    case ' ':
      return { kind: 'reveal', focus: false };
    case 'Escape':
      return { kind: 'leave' };
    default:
      return undefined;
  }
}
