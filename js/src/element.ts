/**
 * `<autograd-graph>`: a graph on any page, without a notebook. Its document stands inside it as JSON, in a
 * `<script type="application/json">` or as plain text.
 */

import type { Model } from "./session/traits.ts";
import type { Files } from "./view/controls/save.ts";

const NAME = "autograd-graph";

/** A view that is drawn. */
export interface View {
  /** Take it down. */
  end(): void;
  /** Contents of a file of the menu. */
  file(name: string): ReturnType<Files[string][1]>;
}

type Show = (view: { model: Model; el: HTMLElement }) => View;

/** Make the element known, where there are elements. Of several bundles on a page the first one does. */
export function defineElement(show: Show): void {
  if (typeof customElements === "undefined" || customElements.get(NAME)) return;
  class GraphElement extends HTMLElement {
    #model: Model | undefined;
    #view: View | undefined;

    connectedCallback(): void {
      // While the page is being read, what is inside may be still to come.
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => this.#show());
      else this.#show();
    }

    disconnectedCallback(): void {
      this.#view?.end();
      this.#view = undefined;
    }

    /**
     * The file that the menu would save now: `SVG` (a text), `PNG` (a blob), `DOT` or `JSON`.
     *
     * @returns undefined while there is no picture yet, or no such file.
     */
    async file(name: string) {
      return this.#view?.file(name);
    }

    #show(): void {
      if (this.#view || !this.isConnected) return;
      this.#model ??= modelOf(this.textContent ?? "");
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      this.#view = show({ model: this.#model, el: root as unknown as HTMLElement });
    }
  }
  customElements.define(NAME, GraphElement);
}

/** Stand-in for a notebook's model: the document's own keys are the traits, and nobody else is told. */
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
    on: (event, callback) => listeners.addEventListener(event, callback as () => void),
    off: (event, callback) => listeners.removeEventListener(event, callback as () => void),
    save_changes() {},
  };
}
