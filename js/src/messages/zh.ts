import type { Why } from "../why.ts";
import type { Messages } from "./messages.ts";

const OPS: Readonly<Record<string, string>> = {
  "+": "和",
  "-": "差",
  "*": "积",
  "/": "商",
  "**": "幂",
  neg: "相反数",
};

const SHORT: Readonly<Partial<Record<Why["kind"], string>>> = {
  "dead relu": "relu 关闭",
  "zero factor": "乘以 0",
  flat: "平坦",
  cancels: "抵消",
  underflow: "下溢",
  "first nan": "nan",
  "first inf": "inf",
};

const WAYS = { LR: ["右", "左"], TB: ["下", "上"], BT: ["上", "下"] };

export const zh: Messages = {
  lang: "zh-Hans",
  op: (op) => (Object.hasOwn(OPS, op) ? OPS[op]! : op),
  unnamed: (id) => `叶子 ${id}`,

  root: (name, value) => `${name} = ${value}`,
  noPass: () => "还没有运行过反向传播",
  thisPass: (gradients) => `这一次反向传播给出 ${gradients}`,
  nothingReached: () => "这一次反向传播没有到达任何节点：它的起点不需要梯度",
  passesBefore: (count, carried, name, total) => {
    const before = [...(count > 0 ? [`之前的 ${count} 次`] : []), ...(carried ? ["之前留下的梯度"] : [])];
    return `；加上${before.join("和")}，${name}.grad 为 ${total}`;
  },
  list: (told, more) => (more > 0 ? `${told.join("、")} 等 ${told.length + more} 个梯度` : told.join("、")),
  sentences: (...sentences) => sentences.join("。").concat("。"),
  noDot: "没有安装 Graphviz 的 dot 程序，因此不用它来显示计算图。",

  replay: "回放",
  step: "单步",
  stepHint: "前进一步（→）",
  stepBackHint: "后退一步（←）",
  play: "播放",
  pause: "暂停",
  stepOf: (made, all) => `${made} / ${all}`,
  learn: "学习",
  loss: "损失：要减小的那个结果",
  rate: "学习率 (lr)",
  learnHint: "梯度下降一步：每个参数沿梯度的反方向移动",
  momentum: "动量",
  momentumHint: "保留上一步的十分之九",
  zeroes: "先清零",
  zeroesHint: "每次反向传播前调用 zero_grad()；否则之前各步的梯度会不断累加",
  backToStart: "回到起点",
  learned: (steps, loss) => `${steps} 步，损失 ${loss}`,
  diverged: (steps) => `${steps} 步后发散：步子太大了`,

  stepNone: "还没有计算任何东西；叶子节点是给定的。",
  stepForward: "前向：",
  stepSeed: (root) => `反向传播从 ${root} 开始：它的梯度是 ∂${root}/∂${root} = 1。`,
  stepBackward: (name, gradient, sent) =>
    sent.length > 0
      ? `反向：${name} 的梯度是 ${gradient}，传出 ${sent.join("，")}`
      : `反向：${name} 的梯度是 ${gradient}，不再向后传`,
  stepSent: (name, product, contribution) => `给 ${name} ${product} = ${contribution}`,

  run: "运行",
  reset: "重置",
  values: "数值",
  valuesHint: "让每个滑块回到最初的数值",
  zeroGradHint: "清除所有反向传播累加的梯度",
  backwardHint: (root) => `从 ${root} 再运行一次反向传播，梯度会累加到 .grad`,

  save: "保存",

  freeze: (name) => `冻结 ${name}：requires_grad = False`,
  thaw: (name) => `解冻 ${name}：requires_grad = True`,
  whyShort: (why) => SHORT[why.kind] ?? "",
  seed: "起点",
  notTracked: "不跟踪梯度",
  notRunYet: "尚未运行",
  notReached: "本次未到达",
  flow: (direction) => [`数值向${WAYS[direction][0]}流动`, `梯度向${WAYS[direction][1]}流动`],
  sliderOf: (name) => `${name} 的值`,
  kinds: { parameter: "参数", input: "输入", constant: "常数", operation: "运算" },
  node: (name, kind, value, gradient) => `${name}，${kind}，值 ${value}，梯度 ${gradient}`,

  graph: "计算图：+ 和 − 缩放，Shift 加方向键移动，0 显示全部",
  layingOut: (items) => `正在排布 ${items.toLocaleString("en")} 个节点…`,
  cancel: "先粗略画出",
  search: "搜索",
  searchHint: "名称、运算、grad > 1、value < 0、nan、inf",
  found: (place, all) => (all === 0 ? "没有" : `${place} / ${all}`),
  previous: "上一个（Shift Enter）",
  next: "下一个（Enter）",
  fit: "全图",
  fitHint: "显示全部（0）",
  closer: "放大（+）",
  farther: "缩小（−）",
  map: "缩略图",
  colours: (gradients) => (gradients ? "∂ 梯度" : "数值"),
  coloursHint: "按梯度或按数值着色",

  close: "关闭",
  computed: "值",
  leaf: (name, kind) => `${name} 是叶子节点（${kind}）：它是给定的，不是计算出来的。`,
  otherwise: "否则",
  pass: "本次反向传播",
  through: "经过",
  upstreamTimesLocal: "上游梯度 × 局部导数",
  sum: "合计",
  startsHere: (root) => `反向传播从 ${root} 开始：它的梯度是给定的，∂${root}/∂${root} = 1。`,
  why: (why, name, of) => {
    switch (why.kind) {
      case "not run yet":
        return "还没有反向传播到达这里，所以没有梯度；这和梯度为 0 不是一回事。";
      case "frozen":
        return "已冻结：这里不需要梯度（requires_grad=False）。";
      case "not tracked":
        return "梯度不会流到这里：它所依赖的量都不需要梯度。";
      case "not connected":
        return `${name(why.root)} 不依赖这个节点，所以从它开始的反向传播不会到达这里。`;
      case "dead relu":
        return `梯度为 0，因为 relu ${name(why.at)} 处于关闭状态：它的输入不为正，梯度无法通过。`;
      case "zero factor":
        return `梯度为 0，因为在 ${name(why.at)} 中它乘以了 ${name(why.factor)}，而后者等于 0。`;
      case "flat":
        return `梯度为 0，因为 ${name(why.at)} 在这里是平的：局部导数为 0。`;
      case "cancels":
        return "梯度为 0，因为各条贡献相互抵消，总和为 0。";
      case "underflow":
        return `梯度为 0，因为 ${name(why.at)} 处的乘积小到双精度浮点数无法表示：发生了下溢。`;
      case "first nan":
        return `nan（不是一个数）：最早出现在 ${name(why.at)}。`;
      case "first inf":
        return of === "value"
          ? `无穷大：最早出现在 ${name(why.at)}。`
          : `梯度无穷大：最早出现在 ${name(why.at)}。`;
    }
  },
  goTo: (name) => `转到 ${name}`,
  roads: "路径",
  everyRoad: (root, name) => `从 ${root} 到 ${name} 的每条路径`,
  moreRoads: (count) => `以及另外 ${count} 条路径，合计`,
  carriedOver: "之前留下的",
  slope: (root, name) => `${root} 随 ${name} 的变化`,
  slopeIs: "斜率",
  finiteDifference: (agrees, slope) => (agrees ? `有限差分吻合：${slope}` : `有限差分为 ${slope}`),
  checkDetail: (step, difference) => `（步长 ${step}，相差 ${difference}）`,
  dock: "把检查面板换到另一侧",
  passes: "各次之和",
  sendsOn: "向后传出",
  noOperandTracked: "到此为止：没有操作数需要梯度。",

  typeANumber: "请输入一个数字，例如 0.5 或 -1e-3。",
  cannotDraw: "无法画出计算图：",
};
