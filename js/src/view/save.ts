/** The menu of what can be taken away: pictures, the document, programs. */

import { formatValue } from "../format.ts";
import { programOf } from "../programs.ts";
import type { State } from "../state.ts";
import type { Traits } from "../traits.ts";
import { h } from "./dom.ts";
import { paintClose, paletteOf } from "./paint.ts";
import { CanvasPen } from "./pen.ts";
import type { Plan } from "./plan.ts";
import { escaped, SvgPen } from "./svg.ts";

/** Around a picture, in its pixels. */
const MARGIN = 14;
/** What browsers make of a canvas at most, on one side. */
const LARGEST_CANVAS = 16_000;

interface Shown {
  readonly plan: Plan | undefined;
  readonly element: Element;
}

type Content = string | Promise<Blob | null>;

export function saveMenu(state: State, scene: Shown, traits: () => Traits): HTMLElement {
  const { graph, messages } = state;
  const program = (torch: boolean) => () => programOf(graph, state.passes, state.carried, torch);
  const files: Readonly<Record<string, readonly [ending: string, content: () => Content]>> = {
    SVG: [".svg", () => drawn(state, scene, 0)],
    PNG: [".png", () => drawn(state, scene, 2)],
    DOT: [".dot", () => dotOf(state)],
    JSON: [".json", () => documentOf(state, traits())],
    PyTorch: ["_pytorch.py", program(true)],
    micrograd: ["_micrograd.py", program(false)],
  };
  const menu = h("select", "field save", { "aria-label": messages.save, title: messages.save });
  menu.append(...["⤓", ...Object.keys(files)].map((name) => h("option", "", {}, name)));
  menu.addEventListener("change", async () => {
    const [ending, contentOf] = files[menu.value]!;
    menu.selectedIndex = 0;
    const content = await contentOf();
    if (!content) return;
    const link = h("a", "", { download: `graph${ending}` });
    link.href = URL.createObjectURL(new Blob([content]));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 9999);
  });
  return menu;
}

/** The whole picture as the page shows it close up: with so many pixels to one of the page's, or as SVG. */
function drawn(state: State, { plan, element }: Shown, pixels: number): Content {
  if (!plan) return "";
  const palette = paletteOf(element);
  const width = plan.layout.width + 2 * MARGIN;
  const height = plan.layout.height + 2 * MARGIN;
  const scale = Math.min(pixels, LARGEST_CANVAS / Math.max(width, height));
  const canvas = h("canvas", "", { width: width * scale, height: height * scale });
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, MARGIN * scale, MARGIN * scale);
  const pen = new (pixels ? CanvasPen : SvgPen)(context);
  pen.rect(-MARGIN, -MARGIN, width, height, 0, { fill: palette.bg });
  paintClose(pen, state, plan, palette);
  if (!(pen instanceof SvgPen)) return new Promise((done) => canvas.toBlob(done));
  const box = `width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} font-family="system-ui, sans-serif">\n${pen.svg}</svg>\n`;
}

/** The graph with the values of now, and all that the view was given besides. */
function documentOf(
  { graph }: State,
  { graph: given, values, frozen, notice, customs, isSilent, ...kept }: Traits,
): string {
  return JSON.stringify({ ...(given as object), ...graph.toJSON(), ...kept });
}

/** As `draw_graph(y, "backward")` draws it. */
function dotOf(state: State): string {
  const lines = state.graph.ops.flatMap((_, id) => {
    const total = state.total(id);
    const said = [`value=${formatValue(state.graph.values[id]!)}`, state.names.of(id)];
    if (total !== undefined) said.unshift(`grad=${formatValue(total)}`);
    const edges = state.operandsOf(id).map((edge) => {
      const look = state.flows(edge) ? `label="${formatValue(state.contribution(edge))}"` : "style=dashed";
      return `${id} -> ${edge.producer} [${look}]`;
    });
    return [`${id} [label=<${said.map(escaped).join("<BR/>")}>]`, ...edges];
  });
  return `digraph {\nrankdir=LR node [shape=box]\n${lines.join("\n")}\n}\n`;
}
