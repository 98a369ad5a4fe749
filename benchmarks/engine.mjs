/** Times forward + backward of a graph document: the built module's engine, and one of objects with closures. */
import { readFileSync } from "node:fs";
import { Graph } from "../src/autograd_widget/static/widget.js";

const doc = JSON.parse(readFileSync(process.argv[2], "utf8"));
const root = doc.outputs[0];

function median(task, warm, runs) {
  const times = [];
  for (let run = -warm; run < runs; run++) {
    const start = process.hrtime.bigint();
    task();
    if (run >= 0) times.push(Number(process.hrtime.bigint() - start));
  }
  return times.sort((a, b) => a - b)[runs >> 1] / doc.op.length;
}

const graph = Graph.fromJSON(doc);
const ours = median(
  () => {
    graph.forward();
    graph.zeroGrad();
    graph.backward(root);
  },
  30,
  101,
);

/** As micrograd: a node has a value, a gradient, its operands, and a closure that sends the gradient on. */
class Value {
  constructor(data, children = []) {
    this.data = data;
    this.grad = 0;
    this.children = children;
    this.send = () => {};
  }
}

const OPS = {
  "+": [(a, b) => a + b, (out, a, b) => { a.grad += out.grad; b.grad += out.grad; }],
  "*": [(a, b) => a * b, (out, a, b) => { a.grad += b.data * out.grad; b.grad += a.data * out.grad; }],
  "**": [(a, b) => a ** b, (out, a, b) => { a.grad += b.data * a.data ** (b.data - 1) * out.grad; }],
  tanh: [Math.tanh, (out, a) => { a.grad += (1 - out.data * out.data) * out.grad; }],
  relu: [(a) => (a < 0 ? 0 : a), (out, a) => { a.grad += out.data > 0 ? out.grad : 0; }],
  neg: [(a) => -a, (out, a) => { a.grad -= out.grad; }],
};

function rebuild() {
  const nodes = [];
  doc.op.forEach((op, id) => {
    const row = OPS[op];
    if (!row) {
      nodes.push(new Value(doc.value[id]));
      return;
    }
    const [a, b] = doc.inputs[id].map((operand) => nodes[operand]);
    const out = new Value(row[0](a.data, b?.data), b ? [a, b] : [a]);
    out.send = () => row[1](out, a, b);
    nodes.push(out);
  });
  return nodes;
}

function backward(last) {
  const order = [];
  const seen = new Set();
  const stack = [[last, 0]];
  seen.add(last);
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (top[1] === top[0].children.length) {
      order.push(top[0]);
      stack.pop();
      continue;
    }
    const child = top[0].children[top[1]++];
    if (!seen.has(child)) {
      seen.add(child);
      stack.push([child, 0]);
    }
  }
  last.grad = 1;
  for (let i = order.length - 1; i >= 0; i--) order[i].send();
}

const closures = median(() => backward(rebuild()[root]), 2, 5);
console.log(JSON.stringify({ ours, closures }));
