/**
 * Making and patching elements. Every class begins with `agw-`, since hosts bring styles of their own; here it is added.
 */

type Attributes = Readonly<Record<string, string | number | boolean>>;

const SVG = "http://www.w3.org/2000/svg";

/** Elements that hosts style most, and we therefore reset. */
const CONTROLS: ReadonlySet<string> = new Set(["button", "input", "select"]);

/** Child of an element; false and undefined are left out. */
export type Child = Node | string | false | undefined;

/** An HTML element: `h("span", "name", { title: "…" }, "w")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const classes = CONTROLS.has(tag) ? `control ${className}` : className;
  return filled(document.createElement(tag), classes, attributes, children);
}

/** An SVG element, likewise. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), className, attributes, children);
}

function filled<T extends Element>(node: T, classes: string, attributes: Attributes, children: Child[]): T {
  setAttributes(node, { class: prefixed(classes), ...attributes });
  node.append(...children.filter((child) => child !== undefined && child !== false));
  return node;
}

/** `a b` becomes `agw-a agw-b`. */
export function prefixed(classes: string): string {
  return classes.replace(/\S+/g, "agw-$&");
}

/** Set attributes where they differ; false is none, true is one without a value. */
export function setAttributes(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) setAttribute(node, name, value === true ? "" : String(value));
  }
}

/** Set a text only where it differs: laying text out is most of what a frame costs. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Set an attribute only where it differs; null takes it away. */
export function setAttribute(node: Element, name: string, value: string | null): void {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Sign that no name has in it. */
const MARK = "\x01";
const BETWEEN = "\x02";

/** A name in a text, or a gradient with its node's name, for `withLinks` to make a link of. */
export function marked(words: string, node: number, className = `grad${hueIn(words)}`): string {
  return MARK + [words, node, className].join(BETWEEN) + MARK;
}

/** The class of a gradient's hue. */
export function hueOf(x: number): string {
  return x < 0 ? " negative" : x === 0 ? " zero" : "";
}

/** The class of the hue of a written gradient: its number is the last word, since names may have a minus too. */
export function hueIn(text: string): string {
  const word = text.split(" ").at(-1)!;
  return /nan|inf/.test(word) ? " strange" : hueOf(word === "0" ? 0 : word.startsWith("−") ? -1 : 1);
}

/** A text whose names and gradients lead to their nodes. */
export function withLinks(text: string): (Node | string)[] {
  return text
    .split(MARK)
    .map((part, i) => (i % 2 ? link(...(part.split(BETWEEN) as Parameters<typeof link>)) : part));
}

/** A text without its links. */
export function withoutLinks(text: string): string {
  return text
    .split(MARK)
    .map((part) => part.split(BETWEEN)[0])
    .join("");
}

/** Secondary text. */
export function quiet(...children: Child[]): HTMLElement {
  return h("span", "mute", {}, ...children);
}

/** A part of the inspector. */
export function section(title: string, note: string, ...children: Child[]): HTMLElement {
  const heading = h("h3", "heading", {}, title, " ", quiet(note));
  return h("div", "part", {}, heading, ...children);
}

/** A button; one whose text is a sign only has a label. */
export function button(
  text: string,
  title: string,
  onClick: () => void,
  className = "button",
  label: string | false = false,
): HTMLButtonElement {
  const node = h("button", className, { type: "button", title, "aria-label": label }, text);
  on(node, ["click"], onClick);
  return node;
}

/** Have one of our classes, or not. */
export function toggle(element: Element, name: string, on: boolean): void {
  element.classList.toggle(`agw-${name}`, on);
}

/** An event at an element, as all are that are listened to here. */
export type At<E extends Event> = E & { readonly target: Element };

/** Listen to several kinds of events alike. */
export function on<K extends keyof HTMLElementEventMap>(
  node: HTMLElement,
  kinds: readonly K[],
  listener: (event: At<HTMLElementEventMap[K]>) => void,
  options: AddEventListenerOptions = {},
): void {
  for (const kind of kinds) node.addEventListener(kind, listener as (event: Event) => void, options);
}

/** The reader wants things to stand still. */
export function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** The element with the focus, if it is within another. */
export function focusedIn(element: HTMLElement): HTMLElement | undefined {
  const { activeElement } = element.getRootNode() as Document | ShadowRoot;
  return element.contains(activeElement) ? (activeElement as HTMLElement) : undefined;
}

/** A name that leads to its node. */
export function link(text: string, node: number | string, className = ""): HTMLElement {
  return h("button", `link ${className}`, { type: "button", "data-goto": node }, text);
}

/** Controls that belong together, with their name before them. */
export function group(name: string, ...children: Node[]): HTMLElement {
  return h("span", "group", { role: "group", "aria-label": name }, quiet(name), ...children);
}
