/**
 * Making and patching elements. Every class begins with `agw-`, since hosts bring styles of their own; here it is added.
 */

type Attributes = Readonly<Record<string, string | number | boolean>>;

const SVG = "http://www.w3.org/2000/svg";

/** What hosts style most, and we therefore reset. */
const CONTROLS: ReadonlySet<string> = new Set(["button", "input", "select"]);

/** An HTML element: `h("span", "name", { title: "…" }, "w")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  node.className = prefixed(CONTROLS.has(tag) ? `control ${className}` : className);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** An SVG element, likewise. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(SVG, tag);
  node.setAttribute("class", prefixed(className));
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** `a b` becomes `agw-a agw-b`. */
export function prefixed(classes: string): string {
  return classes.replace(/\S+/g, "agw-$&");
}

function setAttributes(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, String(value));
  }
}

/** Set a text only where it differs: laying text out is most of what a frame costs. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** The same for an attribute; null takes it away. */
export function setAttribute(node: Element, name: string, value: string | null): void {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Text in which the gradients, which stand between ** and **, are set off. */
export function withStrong(text: string): (Node | string)[] {
  const strong = (part: string) => h("b", `strong${part.includes("−") ? " negative" : ""}`, {}, part);
  return text.split("**").map((part, i) => (i % 2 === 1 ? strong(part) : part));
}

export function button(text: string, title: string, onClick: () => void, className = ""): HTMLButtonElement {
  const node = h("button", `button ${className}`, { type: "button", title }, text);
  node.addEventListener("click", onClick);
  return node;
}

/** Controls that belong together, with their name before them. */
export function group(name: string, ...children: Node[]): HTMLElement {
  return h(
    "span",
    "group",
    { role: "group", "aria-label": name },
    h("span", "group-name", {}, name),
    ...children,
  );
}
