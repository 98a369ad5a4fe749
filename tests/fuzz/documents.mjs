/** Reads documents, a JSON text per line, and writes per line what the page's reader says: nothing, or its sentence. */

import { createInterface } from "node:readline";
import { Graph } from "../../src/autograd_widget/static/widget.js";

for await (const line of createInterface({ input: process.stdin })) {
  let said = "";
  try {
    const doc = JSON.parse(JSON.parse(line));
    try {
      Graph.fromJSON(doc);
    } catch (error) {
      said = error.message;
    }
  } catch {
    said = "graph document: not JSON";
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
