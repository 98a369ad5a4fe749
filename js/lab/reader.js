/**
 * What JupyterLab and Notebook load at their start: it draws the graph of an output whose widget is gone.
 *
 * JupyterLab shows a widget by asking the kernel for it, or the state that was saved in the notebook; most notebooks are
 * saved without, and then it says 'model not found'. An output of `GraphWidget` carries its document as well. This shows
 * the widget as long as there is one, and else draws the document, which needs no kernel; so also in a notebook that is
 * not trusted, for a document is only data.
 *
 * It is a container as webpack's module federation makes them, by hand: JupyterLab's own parts come by `scope`.
 */
(() => {
  const DOCUMENT = "application/vnd.autograd-graph+json";
  const WIDGET = "application/vnd.jupyter.widget-view+json";
  const RANK = -20; // before widgets, which have -10
  const PATIENCE = 2000; // ms: a widget is there by then, if there is one
  const OFTEN = 100; // ms
  const page = new URL("widget.js", document.currentScript.src).href;
  let scope = {};

  /** A part of the host's, in the one version that it has. */
  async function part(name) {
    const [version] = Object.values(scope[name] ?? {});
    return version && (await version.get())();
  }

  const after = (ms) => new Promise((done) => setTimeout(done, ms));

  /** Outputs in one notebook. `hasManager`: widgets can be shown, for their manager has come, which is with a kernel. */
  function rendererOf({ Panel, Widget }, rendermime, hasManager) {
    return class extends Panel {
      #graph;
      #theirs;

      async renderModel(model) {
        for (const child of [...this.widgets]) child.dispose();
        this.#theirs = undefined;
        if (!model.trusted || !model.data[WIDGET]) return this.#draw(model);
        const shown = this.#widget(model);
        await Promise.race([shown, after(PATIENCE)]);
        this.#choose(model);
        await shown;
        this.#choose(model);
      }

      async #widget(model) {
        while (!hasManager()) {
          await after(OFTEN);
          if (this.isDisposed) return;
        }
        this.#theirs = rendermime.createRenderer(WIDGET);
        this.addWidget(this.#theirs);
        const changes = new MutationObserver(() => this.#choose(model));
        changes.observe(this.#theirs.node, { childList: true });
        this.#theirs.disposed.connect(() => changes.disconnect());
        await this.#theirs.renderModel(model);
      }

      /** Where there is no widget, theirs is only a text. */
      #choose(model) {
        if (this.isDisposed) return;
        const isThere = Boolean(this.#theirs?.node.firstElementChild);
        this.#theirs?.setHidden(!isThere);
        if (isThere) this.#graph?.dispose();
        else this.#draw(model);
      }

      #draw(model) {
        if (this.#graph && !this.#graph.isDisposed) return;
        const element = document.createElement("autograd-graph");
        element.textContent = JSON.stringify(model.data[DOCUMENT]);
        this.#graph = new Widget({ node: element });
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
        const follow = ({ content: { rendermime } }) => {
          // Each notebook has a registry of its own, and its widgets one that knows their manager.
          const hasManager = () => {
            const factory = rendermime.getFactory(WIDGET);
            return Boolean(factory) && factory !== everywhere.getFactory(WIDGET);
          };
          const Renderer = rendererOf(parts, rendermime, hasManager);
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
