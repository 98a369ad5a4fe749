/**
 * A stand-in for a notebook: what anywidget 0.11 does with a bundle, and a model that has no kernel behind it.
 *
 * As there: the bundle is imported from a blob, `initialize` is called once per model and awaited, then `render` once
 * per view, each with a proxy of the model that remembers who listens, and a signal that ends it.
 */

/** The model of @jupyter-widgets/base, as far as anywidget's proxy passes it on, with Backbone's rules for events. */
class Model {
  /** What was sent to the kernel, oldest first: the changed traits of each save_changes(). */
  messages = [];
  /** What was sent by send(). */
  custom = [];
  /** Both, in their order, until somebody takes them. */
  outbox = [];
  /** Set to true to have no kernel: sending throws, as it may after a kernel was shut down. */
  dead = false;
  widget_manager = {};
  #state;
  #unsaved = {};
  #listeners = [];
  #changing = false;
  #pending = false;

  constructor(state) {
    this.#state = { ...state };
  }

  get(name) {
    return this.#state[name];
  }

  /** All traits are set before anyone hears of one; `change` comes last, and once however deep sets are nested. */
  set(name, value) {
    const state = typeof name === "object" ? name : { [name]: value };
    const changed = Object.keys(state).filter((key) => !equal(this.#state[key], state[key]));
    for (const key of changed) {
      this.#state[key] = state[key];
      this.#unsaved[key] = state[key];
    }
    this.#tell(changed);
  }

  on(names, callback, context) {
    for (const name of names.split(/\s+/)) this.#listeners.push({ name, callback, context });
  }

  off(names, callback, context) {
    const given = names?.split(/\s+/);
    this.#listeners = this.#listeners.filter(
      (one) =>
        (given && !given.includes(one.name)) ||
        (callback && callback !== one.callback) ||
        (context && context !== one.context),
    );
  }

  save_changes() {
    if (this.dead) throw new Error("Kernel is dead");
    if (Object.keys(this.#unsaved).length > 0) {
      this.messages.push(onTheWire(this.#unsaved));
      this.outbox.push({ state: this.messages.at(-1) });
    }
    this.#unsaved = {};
  }

  send(content) {
    if (this.dead) throw new Error("Kernel is dead");
    this.custom.push(onTheWire(content));
    this.outbox.push({ content: this.custom.at(-1) });
  }

  /** For tests: the kernel sets traits. What comes from there isn't sent back. */
  receive(state) {
    const unsaved = { ...this.#unsaved };
    this.set(structuredClone(state));
    this.#unsaved = unsaved;
  }

  /** For tests: the kernel sends a message that is no trait. */
  answer(content) {
    this.#emit("msg:custom", content, []);
  }

  /** For tests: how many callbacks there are. */
  get listening() {
    return this.#listeners.length;
  }

  #tell(changed) {
    const outermost = !this.#changing;
    this.#changing = true;
    this.#pending ||= changed.length > 0;
    for (const key of changed) this.#emit(`change:${key}`, this, this.#state[key], {});
    if (!outermost) return;
    while (this.#pending) {
      this.#pending = false;
      this.#emit("change", this, {});
    }
    this.#changing = false;
  }

  #emit(name, ...values) {
    for (const one of [...this.#listeners]) if (one.name === name) one.callback(...values);
  }
}

/** What a kernel gets: JSON, in which a NaN is null. */
const onTheWire = (value) => JSON.parse(JSON.stringify(value));

/** As the hosts compare: by content. A key that is undefined counts, and NaN is NaN. */
function equal(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
  );
}

/** anywidget's proxy: only what a widget may use, and listeners that can be removed all at once. */
const proxy = (model, context) => ({
  get: model.get.bind(model),
  set: model.set.bind(model),
  save_changes: model.save_changes.bind(model),
  send: model.send.bind(model),
  on: (name, callback) => model.on(name, callback, context),
  off: (name, callback) => model.off(name, callback, context),
  widget_manager: model.widget_manager,
});

const experimental = {
  invoke: () => Promise.reject(new Error("experimental.invoke is not supported everywhere")),
};

async function load() {
  const text = await (await fetch("/widget.js")).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  URL.revokeObjectURL(url);
  return typeof widget === "function" ? await widget() : widget;
}

/** The element of a view: in the page, or in a shadow root whose styles were reset. */
function cell(width, shadow) {
  const outer = document.body.appendChild(document.createElement("div"));
  outer.style.cssText = `width: ${width}px; margin: 8px 0 8px 80px;`;
  if (!shadow) return outer.appendChild(document.createElement("div"));
  const root = outer.attachShadow({ mode: "open" });
  const reset = root.appendChild(document.createElement("style"));
  reset.textContent =
    "*, ::before, ::after { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid; }" +
    "button, input { font: inherit; color: inherit; background: transparent; appearance: none; }" +
    "svg { display: block; vertical-align: middle; max-width: 100%; }";
  return root.appendChild(document.createElement("div"));
}

/** Ends what a widget gave: its signal is aborted, its listeners go, its clean-up runs. */
function ending(model, context, controller, cleanUp) {
  return async () => {
    controller.abort();
    model.off(null, null, context);
    if (typeof cleanUp === "function") await cleanUp();
  };
}

/**
 * Make a model, initialize the widget and render its views.
 * `window.model` is the model, `window.views` has {el, destroy} for each view, `window.destroy()` ends everything.
 */
window.mount = async ({ state, width, views, shadow }) => {
  const widget = await load();
  const model = new Model(state);
  window.model = model;
  const whole = new AbortController();
  const initialized = Symbol("initialize");
  const started = await widget.initialize?.({
    model: proxy(model, initialized),
    signal: whole.signal,
    experimental,
  });
  const end = ending(model, initialized, whole, started);
  window.views = [];
  for (let view = 0; view < views; view++) {
    const el = cell(width, shadow);
    const own = new AbortController();
    const signal = AbortSignal.any([whole.signal, own.signal]);
    const cleanUp = await widget.render?.({ model: proxy(model, el), el, signal, host: {}, experimental });
    window.views.push({ el, destroy: ending(model, el, own, cleanUp) });
  }
  window.destroy = async () => {
    for (const view of window.views) await view.destroy();
    await end();
  };
};
