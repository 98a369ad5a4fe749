/** The menu of what can be taken away: pictures and the document, and what Python writes: pages, graphs, programs. */

import type { State } from "../../session/state.ts";
import type { Sync } from "../../session/sync.ts";
import type { Traits } from "../../session/traits.ts";
import { type Seen, svgOf } from "../canvas/svg.ts";
import { h, on } from "../dom.ts";

/** Largest side of a canvas in browsers. */
const LARGEST_CANVAS = 16_000;

/** Contents of a file; undefined while a picture is still laid out. */
type Content = string | Blob | null | undefined;

/** The files that can be had, by name. */
export type Files = Readonly<
  Record<string, readonly [ending: string, content: () => Content | Promise<Content>]>
>;

export function filesOf(state: State, scene: { readonly seen: Seen | undefined }, sync: Sync): Files {
  const program = (name: string, ending = `_${name.toLowerCase()}.py`) =>
    [ending, () => sync.program(name)] as const;
  const png = async () => scene.seen && pngOf(svgOf(scene.seen));
  const copy = () => navigator.clipboard.write([new ClipboardItem({ "image/png": png() as Promise<Blob> })]);
  return {
    SVG: [".svg", () => scene.seen && svgOf(scene.seen)],
    PNG: [".png", png],
    [state.messages.copyPicture]: ["", async () => void (await copy())],
    JSON: [".json", () => documentOf(state, sync.traits)],
    ...(sync.hasKernel && {
      HTML: program("HTML", ".html"),
      DOT: program("DOT", ".dot"),
      PyTorch: program("PyTorch"),
      micrograd: program("micrograd"),
    }),
  };
}

/** `onFailure` gets the sentence that says why there is no file. */
export function saveMenu(files: Files, label: string, onFailure: (why: string) => void): HTMLElement {
  const menu = h("select", "field save", { "aria-label": label, title: label });
  menu.append(...["⤓", ...Object.keys(files)].map((name) => h("option", "", {}, name)));
  on(menu, ["change"], async () => {
    const [ending, contentOf] = files[menu.value]!;
    menu.selectedIndex = 0;
    const content = await Promise.resolve(contentOf()).catch(onFailure);
    if (!content) return;
    const link = h("a", "", { download: `graph${ending}` });
    link.href = URL.createObjectURL(new Blob([content]));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 9999);
  });
  return menu;
}

/** A picture with two pixels for one of the SVG's. */
async function pngOf(svg: string): Promise<Blob | null> {
  const image = h("img", "", { src: `data:image/svg+xml,${encodeURIComponent(svg)}` });
  await image.decode();
  const scale = Math.min(2, LARGEST_CANVAS / Math.max(image.width, image.height));
  const [width, height] = [image.width * scale, image.height * scale];
  const canvas = h("canvas", "", { width, height });
  canvas.getContext("2d")!.drawImage(image, 0, 0, width, height);
  return new Promise((done) => canvas.toBlob(done));
}

/** The graph with the values of now, and all that the view was given besides. */
function documentOf(
  { graph }: State,
  { graph: given, values, frozen, notice, customs, isSilent, stale, ...kept }: Traits,
): string {
  return JSON.stringify({ ...(given as object), ...graph.toJSON(), ...kept });
}
