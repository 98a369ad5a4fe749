/** Reads documents, a JSON text per line, and writes per line what the page's reader says: nothing, or its sentence. */

import { createInterface } from "node:readline";
import { Graph } from "../../src/autograd_widget/static/widget.js";

for await (const line of createInterface({ input: process.stdin })) {
  let said = "";
  let doc;
  try {
    doc = JSON.parse(JSON.parse(line));
  } catch {
    said = "graph document: not JSON";
  }
  try {
    if (!said) Graph.fromJSON(doc);
  } catch (error) {
    said = error.message;
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
