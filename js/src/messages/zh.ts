import type { Messages } from "./messages.ts";

const OPS: Readonly<Record<string, string>> = {
  "+": "和",
  "-": "差",
  "*": "积",
  "/": "商",
  "**": "幂",
  neg: "相反数",
};

export const zh: Messages = {
  lang: "zh-Hans",
  op: (op) => (Object.hasOwn(OPS, op) ? OPS[op]! : op),
  unnamed: (id) => `叶子 ${id}`,

  root: (name, value) => `${name} = ${value}`,
  noPass: () => "还没有运行过反向传播",
  thisPass: (gradients) => `这一次反向传播给出 ${gradients}`,
  nothingReached: () => "这一次反向传播没有到达任何节点：它的起点不需要梯度",
  passesBefore: (count, name, total) => `；加上之前的 ${count} 次，${name}.grad 为 ${total}`,
  list: (told, more) => (more > 0 ? `${told.join("、")} 等 ${told.length + more} 个梯度` : told.join("、")),
  sentences: (...sentences) => sentences.join("。").concat("。"),
  noDot: "没有安装 Graphviz 的 dot 程序，因此不用它来显示计算图。",

  run: "运行",
  reset: "重置",
  values: "数值",
  valuesHint: "让每个滑块回到最初的数值",
  zeroGradHint: "清除所有反向传播累加的梯度",
  backwardHint: (root) => `从 ${root} 再运行一次反向传播，梯度会累加到 .grad`,

  seed: "起点",
  notTracked: "不跟踪梯度",
  notRunYet: "尚未运行",
  notReached: "本次未到达",
  valuesFlow: "数值向右流动",
  gradientsFlow: "梯度向左流动",
  sliderOf: (name) => `${name} 的值`,
  numberOf: (name) => `${name} 的值（输入数字）`,
  kinds: { parameter: "参数", input: "输入", constant: "常数", operation: "运算" },
  node: (name, kind, value, gradient) => `${name}，${kind}，值 ${value}，梯度 ${gradient}`,

  close: "关闭",
  computed: "值",
  leaf: (name, kind) => `${name} 是叶子节点（${kind}）：它是给定的，不是计算出来的。`,
  otherwise: "否则",
  pass: "本次反向传播",
  through: "经过",
  upstreamTimesLocal: "上游梯度 × 局部导数",
  sum: "合计",
  startsHere: (root) => `反向传播从 ${root} 开始：它的梯度是给定的，∂${root}/∂${root} = 1。`,
  explainNotRunYet: "还没有反向传播到达这里，所以没有梯度；这和梯度为 0 不是一回事。",
  explainNotTracked: "梯度不会流到这里：它所依赖的量都不需要梯度（requires_grad=False）。",
  explainNotReached: (root) => `${root} 不依赖这个节点，所以从它开始的反向传播不会到达这里。`,
  passes: "各次之和",
  sendsOn: "向后传出",
  noOperandTracked: "到此为止：没有操作数需要梯度。",

  typeANumber: "请输入一个数字，例如 0.5 或 -1e-3。",
  cannotDraw: "无法画出计算图：",
};
