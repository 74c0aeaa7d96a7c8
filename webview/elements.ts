// Building DOM without innerHTML: text only ever enters through textContent, so nothing in a document can become
// markup.

export type Child = Node | string | null;

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

/** An element with attributes (`true` is present without value, `false` and undefined are absent) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K];
export function element(tag: string, attributes?: Attributes, ...children: readonly Child[]): HTMLElement;
export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElement {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

/** The same for SVG, which lives in its own namespace. */
export function svgElement(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(node, attributes);
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

/** Sets or removes attributes; unchanged ones are left alone, so that observers stay quiet. */
export function setAttributes(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== (value === true ? '' : String(value)))
      node.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Replaces the text only when it differs: live regions announce every write. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
