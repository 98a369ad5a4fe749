/** The module that notebooks load: `initialize` and `render` for the widget, `Graph` for everyone else. */
export { Graph } from "./graph.ts";
