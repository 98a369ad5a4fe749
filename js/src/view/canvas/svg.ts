/** The canvas as it is seen, as an SVG file that needs nothing else: the browser is asked what every element looks like. */

import { type Box, grown } from "../box.ts";

export interface Seen {
  /** Its first element is one pixel of the drawing, at the drawing's corner. */
  readonly board: Element;
  /** The painted canvas beneath, if it isn't hidden. */
  readonly paper: HTMLCanvasElement;
  /** The part of the drawing. */
  readonly box: Box;
}

type Attributes = Readonly<Record<string, string | number>>;

/** Properties of shapes that the style sheet sets. */
const LOOK = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "font-size",
  "font-weight",
];
const DASHES: Readonly<Record<string, number>> = { dashed: 4, dotted: 1 };
const CLEAR = "rgba(0, 0, 0, 0)";
/** Share of a text's height above its baseline: much the same in all fonts. */
const BASELINE = 0.8;

/** Box in the drawing. */
type BoxOf = (of: Element | Range) => Box;

export function svgOf({ board, paper, box }: Seen): string {
  const one = board.firstElementChild!.getBoundingClientRect();
  const boxOf: BoxOf = (of) => {
    const { left, top, width, height } = of.getBoundingClientRect();
    const [x, y] = [left - one.left, top - one.top];
    return { x: x / one.width, y: y / one.width, width: width / one.width, height: height / one.width };
  };
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width: Math.ceil(box.width * one.width),
    height: Math.ceil(box.height * one.width),
    viewBox: `${box.x} ${box.y} ${box.width} ${box.height}`,
    preserveAspectRatio: "none",
    "font-family": "system-ui, sans-serif",
  };
  const fill = getComputedStyle(board).getPropertyValue("--bg");
  return tag(
    "svg",
    attributes,
    tag("rect", { ...box, fill }) +
      (paper.hidden ? "" : tag("image", { ...box, href: paper.toDataURL() })) +
      drawn(board, Infinity, boxOf),
  );
}

/** An element with all that is in it; texts are cut at `right`. */
function drawn(element: Element, right: number, boxOf: BoxOf): string {
  const style = getComputedStyle(element);
  const { display, visibility, opacity, clipPath } = style;
  if (display === "none" || visibility === "hidden" || opacity === "0" || clipPath !== "none") return "";
  const box = boxOf(element);
  const end = style.textOverflow === "ellipsis" ? Math.min(right, box.x + box.width) : right;
  const inside = Array.from(element.childNodes, (node) => {
    if (node instanceof Element) return drawn(node, end, boxOf);
    return element instanceof SVGElement ? escaped(node.textContent!) : text(node, end, style, boxOf);
  }).join("");
  const svg =
    element instanceof SVGElement
      ? shape(element, style, inside)
      : element instanceof HTMLInputElement
        ? slider(element, box, style)
        : frame(box, style) + inside;
  return opacity === "1" ? svg : tag("g", { opacity }, svg);
}

/** A text, as long as it is, so that other fonts don't move it. */
function text(node: Node, right: number, style: CSSStyleDeclaration, boxOf: BoxOf): string {
  const range = document.createRange();
  range.selectNodeContents(node);
  const { x, y, width, height } = boxOf(range);
  const isCut = x + width > right + 0.5;
  if (isCut) cut(range, node, () => x + boxOf(range).width + Number.parseFloat(style.fontSize) > right + 0.5);
  if (!`${range}`.trim()) return "";
  const place = { x, y: y + BASELINE * height, textLength: isCut ? right - x : width };
  const look = { "font-size": style.fontSize, "font-weight": style.fontWeight, fill: style.color };
  return tag("text", { ...place, ...look }, escaped(range + (isCut ? "…" : "")));
}

/** Cut a text by halving, which takes few steps: a label has any length. */
function cut(range: Range, node: Node, isTooLong: () => boolean): void {
  let [fits, over] = [0, range.endOffset];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    range.setEnd(node, middle);
    if (isTooLong()) over = middle;
    else fits = middle;
  }
  range.setEnd(node, fits);
}

function shape(element: SVGElement, style: CSSStyleDeclaration, inside: string): string {
  const own = [...element.attributes].filter(({ name }) => !/class|title|aria|data/.test(name));
  const attributes = Object.fromEntries(own.map(({ name, value }) => [name, value]));
  if (element.firstElementChild) return tag("g", attributes, inside);
  if (style.fill === "none" && style.stroke === "none") return "";
  for (const name of LOOK) attributes[name] = style.getPropertyValue(name);
  return tag(element.localName, attributes, inside);
}

/** Shadows, which are hard ones, background and border. */
function frame(box: Box, style: CSSStyleDeclaration): string {
  const radius = Number.parseFloat(style.borderRadius);
  const rect = (by: number, look: Attributes) =>
    tag("rect", { ...grown(box, by), rx: Math.max(0, radius + by), ...look });
  const edge = (border: string) => {
    const [width, line, ...colour] = border.split(" ");
    const dashes = DASHES[line!] ?? "none";
    return {
      stroke: colour.join(" "),
      "stroke-width": Number.parseFloat(width!),
      "stroke-dasharray": dashes,
    };
  };
  // Colour, offset and spread, the topmost first.
  const shadows = [...style.boxShadow.matchAll(/(\w+\(.*?\)) (\S+)px (\S+)px \S+ (\S+)px/g)].map(
    ([, fill, x, y, by]) => rect(Number(by), { fill: fill!, transform: `translate(${x},${y})` }),
  );
  const around = edge(style.borderLeft);
  const border = around["stroke-width"];
  const fill = known(style.backgroundColor);
  const line = (side: string, y: number) =>
    Number.parseFloat(side) > 0 &&
    !border &&
    tag("path", { d: `M${box.x} ${y}h${box.width}`, ...edge(side) });
  return [
    ...shadows.reverse(),
    (border > 0 || fill !== CLEAR) && rect(-border / 2, { fill, ...around }),
    line(style.borderTop, box.y),
    line(style.borderBottom, box.y + box.height),
  ]
    .filter(Boolean)
    .join("");
}

/** A mixed colour as also those programs read it that know none of CSS's newer ways. */
function known(colour: string): string {
  return colour.replace(/color\(srgb (\S+) (\S+) (\S+) \//, (_, ...rgb) => {
    return `rgba(${rgb.slice(0, 3).map((x) => Math.round(255 * x))},`;
  });
}

/** A slider as the style sheet has it. An input for numbers is seen only while it is typed in. */
function slider(
  { type, style, value, min, max }: HTMLInputElement,
  box: Box,
  look: CSSStyleDeclaration,
): string {
  if (type !== "range") return "";
  const colour = (name: string) => look.getPropertyValue(`--${name}`);
  const at = (name: string) => (Number.parseFloat(style.getPropertyValue(`--${name}`)) / 100) * box.width;
  const bar = (x: number, width: number, height: number, fill: string, rest: Attributes = {}) =>
    tag("rect", {
      x: box.x + x,
      y: box.y + (box.height - height) / 2,
      width,
      height,
      fill: colour(fill),
      ...rest,
    });
  const share = (Number(value) - Number(min)) / (Number(max) - Number(min));
  const knob = (Number.parseFloat(colour("knob")) || 16) - 2.5;
  const rim = { rx: knob / 2, stroke: colour("fill"), "stroke-width": 2.5 };
  return (
    bar(0, box.width, 4, "rail") +
    bar(at("from"), at("to") - at("from"), 4, "fill") +
    bar(at("zero") - 0.75, 1.5, 10, "mute") +
    bar(1.25 + (box.width - knob - 2.5) * share, knob, knob, "card", rim)
  );
}

function tag(name: string, attributes: Attributes, inside = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? +value.toFixed(2) : value}"`,
  );
  return `<${name}${written.join("")}>${inside}</${name}>\n`;
}

/** For XML, which has no control characters. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}&<>"\ufffe\uffff]/gu, (sign) => {
    return /[&<>"]/.test(sign) ? `&#${sign.charCodeAt(0)};` : "\ufffd";
  });
}
