/** The menu of what can be taken away: pictures, the document, programs. */

import { formatValue } from "../format.ts";
import { programOf } from "../programs.ts";
import type { State } from "../state.ts";
import type { Traits } from "../traits.ts";
import { h } from "./dom.ts";

export function saveMenu(state: State, traits: () => Traits): HTMLElement {
  const { graph, messages } = state;
  const program = (torch: boolean) => () => programOf(graph, state.passes, state.carried, torch);
  const files: Readonly<Record<string, readonly [ending: string, content: () => string]>> = {
    DOT: [".dot", () => dotOf(state)],
    JSON: [".json", () => documentOf(state, traits())],
    PyTorch: ["_pytorch.py", program(true)],
    micrograd: ["_micrograd.py", program(false)],
  };
  const menu = h("select", "select save", { "aria-label": messages.save, title: messages.save });
  menu.append(...["⤓", ...Object.keys(files)].map((name) => h("option", "", {}, name)));
  menu.addEventListener("change", async () => {
    const [ending, content] = files[menu.value]!;
    menu.selectedIndex = 0;
    const link = h("a", "", { download: `graph${ending}` });
    link.href = URL.createObjectURL(new Blob([await content()]));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 9999);
  });
  return menu;
}

/** The graph with the values of now, and all that the view was given besides. */
function documentOf({ graph }: State, { graph: given, values, frozen, notice, ...kept }: Traits): string {
  return JSON.stringify({ ...(given as object), ...graph.toJSON(), ...kept });
}

/** As `draw_graph(y, "backward")` draws it. */
function dotOf(state: State): string {
  const lines = state.graph.ops.map((_, id) => {
    const total = state.total(id);
    const said = [`value=${formatValue(state.graph.values[id]!)}`, state.names.of(id)];
    if (total !== undefined) said.unshift(`grad=${formatValue(total)}`);
    return `${id} [label=<${said.map(escaped).join("<BR/>")}>]`;
  });
  for (const edge of state.edges) {
    const look = state.flows(edge) ? `label="${formatValue(state.contribution(edge))}"` : "style=dashed";
    lines.push(`${edge.consumer} -> ${edge.producer} [${look}]`);
  }
  return `digraph {\nrankdir=LR node [shape=box]\n${lines.join("\n")}\n}\n`;
}

/** For XML, which has no control characters. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}&<>"\ufffe\uffff]/gu, (sign) => {
    return /[&<>"]/.test(sign) ? `&#${sign.charCodeAt(0)};` : "\ufffd";
  });
}
