/**
 * `<autograd-graph>`: a graph on any page, without a notebook. Its document stands inside it as JSON, in a
 * `<script type="application/json">` or as plain text.
 */

import type { Model } from "./traits.ts";

const NAME = "autograd-graph";

type Render = (view: { model: Model; el: HTMLElement }) => () => void;

/** Make the element known, where there are elements. Of several bundles on a page the first one does. */
export function defineElement(render: Render): void {
  if (typeof customElements === "undefined" || customElements.get(NAME)) return;
  class GraphElement extends HTMLElement {
    #model: Model | undefined;
    #end: (() => void) | undefined;

    connectedCallback(): void {
      // While the page is being read, what is inside may be still to come.
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => this.#show());
      else this.#show();
    }

    disconnectedCallback(): void {
      this.#end?.();
      this.#end = undefined;
    }

    #show(): void {
      if (this.#end || !this.isConnected) return;
      this.#model ??= modelOf(this.textContent ?? "");
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      this.#end = render({ model: this.#model, el: root as unknown as HTMLElement });
    }
  }
  customElements.define(NAME, GraphElement);
}

/** What stands in for a notebook's model: the document's own keys are the traits, and nobody else is told. */
function modelOf(text: string): Model {
  let graph: unknown;
  try {
    graph = JSON.parse(text);
  } catch {
    graph = text; // which the engine refuses in a sentence
  }
  const state: Record<string, unknown> = { ...Object(graph), values: {}, graph };
  const listeners = new EventTarget();
  return {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      listeners.dispatchEvent(new Event(`change:${name}`));
    },
    on: (event, callback) => listeners.addEventListener(event, callback),
    off: (event, callback) => listeners.removeEventListener(event, callback),
    save_changes() {},
  };
}
