/**
 * What JupyterLab and Notebook load at their start: it draws the graph of an output whose widget is gone.
 *
 * JupyterLab shows a widget by asking the kernel for it, or the state that was saved in the notebook; most notebooks are
 * saved without, and then it says 'model not found'. An output of `GraphWidget` carries its document as well. This shows
 * the widget where there is one, and else draws the document, which needs no kernel; so also in a notebook that is not
 * trusted, for a document is only data.
 *
 * It is a container as webpack's module federation makes them, by hand: JupyterLab's own parts come by `scope`.
 */
(() => {
  const DOCUMENT = "application/vnd.autograd-graph+json";
  const WIDGET = "application/vnd.jupyter.widget-view+json";
  const RANK = -20; // before widgets, which have -10
  const PATIENCE = 2000; // ms: a widget is there by then, if there is one
  const page = new URL("widget.js", document.currentScript.src).href;
  let scope = {};

  /** A part of the host's, in the one version that it has. */
  async function part(name) {
    const [version] = Object.values(scope[name] ?? {});
    return version && (await version.get())();
  }

  const after = (ms) => new Promise((done) => setTimeout(done, ms));

  /** Outputs in one notebook. `managed` resolves when widgets can be shown there. */
  function rendererOf({ Panel, Widget }, rendermime, managed) {
    return class extends Panel {
      #graph;
      #turn;

      async renderModel(model) {
        // What still waits for an earlier model gives up.
        const turn = {};
        this.#turn = turn;
        for (const child of [...this.widgets]) child.dispose();
        if (!model.trusted || !model.data[WIDGET]) return this.#draw(model);
        const isOver = () => this.isDisposed || this.#turn !== turn;
        const late = setTimeout(() => isOver() || this.#draw(model), PATIENCE);
        const shown = this.#widget(model, isOver, () => clearTimeout(late));
        await Promise.race([shown, after(PATIENCE)]);
      }

      /** Where there is no widget, theirs is only a text. What was there once and is closed stays closed. */
      async #widget(model, isOver, onFound) {
        await managed();
        if (isOver()) return;
        const theirs = rendermime.createRenderer(WIDGET);
        theirs.setHidden(Boolean(this.#graph));
        this.addWidget(theirs);
        const changes = new MutationObserver(() => look());
        const look = () => {
          if (!theirs.node.firstElementChild) return;
          onFound();
          changes.disconnect();
          this.#graph?.dispose();
          theirs.show();
        };
        changes.observe(theirs.node, { childList: true });
        theirs.disposed.connect(() => changes.disconnect());
        await theirs.renderModel(model);
      }

      #draw(model) {
        for (const child of this.widgets) child.hide();
        const element = document.createElement("autograd-graph");
        // The page says so too, but inside a shadow root, where JupyterLab does not look.
        element.setAttribute("data-lm-suppress-shortcuts", "true");
        const data = document.createElement("script");
        data.type = "application/json";
        data.textContent = JSON.stringify(model.data[DOCUMENT]);
        element.append(data);
        this.#graph = new Widget({ node: element });
        this.#graph.disposed.connect(() => {
          this.#graph = undefined;
        });
        this.addWidget(this.#graph);
        import(page);
      }
    };
  }

  function pluginOf(parts, { INotebookTracker }, { IRenderMimeRegistry }) {
    return {
      id: "autograd-widget:reader",
      autoStart: true,
      optional: [INotebookTracker, IRenderMimeRegistry],
      activate(_, notebooks, everywhere) {
        if (!notebooks || !everywhere) return; // such as Voilà, where nothing is read again
        const follow = (notebook) => {
          const { rendermime } = notebook.content;
          // Each notebook has a registry of its own, where widgets are drawn once their manager has come with a kernel.
          const isManaged = () => {
            const factory = rendermime.getFactory(WIDGET);
            return Boolean(factory) && factory !== everywhere.getFactory(WIDGET);
          };
          const wait = async () => {
            for (let ms = 50; !isManaged() && !notebook.isDisposed; ms = Math.min(2 * ms, PATIENCE))
              await after(ms);
          };
          let waiting;
          const managed = () => {
            waiting ??= wait();
            return waiting;
          };
          const Renderer = rendererOf(parts, rendermime, managed);
          const createRenderer = () => new Renderer();
          rendermime.addFactory({ safe: true, mimeTypes: [DOCUMENT], createRenderer }, RANK);
        };
        notebooks.forEach(follow);
        notebooks.widgetAdded.connect((_, notebook) => follow(notebook));
      },
    };
  }

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["autograd-widget"] = {
    init(given) {
      scope = given;
    },
    async get() {
      const names = ["@lumino/widgets", "@jupyterlab/notebook", "@jupyterlab/rendermime"];
      const parts = await Promise.all(names.map(part));
      const plugins = parts.every(Boolean) ? [pluginOf(...parts)] : [];
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
