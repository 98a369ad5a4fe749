/**
 * The module that notebooks load. The default export is anywidget's: `initialize` once per model, `render` once per
 * view. `Graph` is for everyone else, and needs no DOM.
 */

import { defineElement, type View } from "./element.ts";
import { messagesFor } from "./i18n/index.ts";
import { Sync } from "./session/sync.ts";
import type { Model } from "./session/traits.ts";
import style from "./style/index.css";
import { h, on } from "./view/dom.ts";
import { Page } from "./view/page.ts";
import { followTheme } from "./view/theme.ts";

export { Graph } from "./engine/graph.ts";

/** Nothing is shared between the views of a model but the model itself, so there is nothing to set up. */
function initialize(): void {}

/** Draw a view into `el`. */
function show({ model, el }: { model: Model; el: HTMLElement }): View {
  const sync = new Sync(model);
  // Notebook shortcuts must not fire while someone types a number or steps through nodes.
  const root = h("div", "", { class: "autograd-widget", "data-lm-suppress-shortcuts": "true" });
  let page: Page | undefined;

  const sheet = h("style", "", {}, style);

  const redraw = () => {
    page?.stop();
    const isWriting = page?.isWriting;
    page = undefined;
    try {
      page = new Page(sync, root, isWriting);
      root.replaceChildren(sheet, page.element);
      page.resize(root.clientWidth);
    } catch (error) {
      const { cannotDraw } = messagesFor(sync.traits.language, navigator.languages);
      const why = error instanceof Error ? error.message : String(error);
      root.replaceChildren(sheet, h("p", "error", { role: "alert" }, `${cannotDraw} ${why}`));
    }
  };

  const stopListening = sync.listen({ update: () => page?.update(), redraw });
  const sight = new IntersectionObserver(([entry]) => sync.sight(entry!.isIntersecting));
  const sizes = new ResizeObserver(() => page?.resize(root.clientWidth));
  el.append(root);
  redraw();
  sizes.observe(root);
  sync.sight(false);
  sight.observe(root);
  const stopTheme = followTheme(root);
  on(root, ["pointerenter"], () => sync.askForPython());
  return {
    end() {
      stopTheme();
      page?.stop();
      sizes.disconnect();
      sight.disconnect();
      sync.sight();
      stopListening();
      root.remove();
    },
    file: (name) => page?.files[name]?.[1](),
  };
}

defineElement(show);

/** Draw a view into `el`; returns what takes it down. */
const render = (view: Parameters<typeof show>[0]) => show(view).end;

export default { initialize, render };
