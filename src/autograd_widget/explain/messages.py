"""The sentences of explanations, one table per language. The page has its own table, in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Messages:
    """The sentences of one language, to be filled in with `str.format`."""

    ops: Mapping[str, str]
    """The words for ops that have only a sign."""
    kinds: Mapping[str, str]
    leaf: str
    given: str
    locals: str
    sends: str
    from_root: str
    gradient: str
    through: str
    starts_here: str
    paths: str
    no_paths: str
    more: str
    all_paths: str
    of_passes: str
    by_hand: str
    elsewhere: str
    earlier_passes: str
    preview: str
    previewed: str
    nothing_run: str
    other_way: str
    guard_turned: str
    guard_holds: str
    between: str
    live: str
    no_script: str
    diagnoses: Mapping[str, str]


ENGLISH: Final = Messages(
    ops={
        "+": "sum",
        "-": "difference",
        "*": "product",
        "/": "quotient",
        "**": "power",
        "%": "remainder",
        "//": "whole quotient",
        ">": "comparison",
        ">=": "comparison",
        "<": "comparison",
        "<=": "comparison",
        "==": "comparison",
        "!=": "comparison",
        "neg": "negative",
    },
    kinds={
        "parameter": "parameter",
        "input": "input",
        "constant": "constant",
        "operation": "operation",
    },
    leaf="leaf {node}",
    given="{name} = {value}. It is a leaf ({kind}): given, not computed.",
    locals="local derivatives:",
    sends="sends {amount}",
    from_root="this pass, from {root}, upstream × local:",
    gradient="this pass:",
    through="through {name}",
    starts_here="The pass starts at {root}: its gradient is given, ∂{root}/∂{root} = 1.",
    paths="every path from {root} to {name}:",
    no_paths="There is no path from {root} to {name}.",
    more="and {count} more, together",
    all_paths="all paths",
    of_passes="{name}.grad, the sum of passes:",
    by_hand="set by hand",
    elsewhere="a pass from elsewhere",
    earlier_passes="{count} earlier passes, together",
    preview="Preview: no pass was run, so this is what would be added; in Python every .grad is as it was.",
    previewed="Preview: {root}.backward() would add this; in Python {name}.grad is {grad} until it is run.",
    nothing_run="No backward pass has run yet.",
    other_way="These numbers are of the way that was recorded; the program would take the other way here: "
    "{turned}.",
    guard_turned="{comparison} was {was}, and is {now} now",
    guard_holds="{comparison} is {now}, as it was",
    between="; ",
    live="The graph is live where notebook widgets are shown: open the notebook there and run this cell.",
    no_script="The graph on this page computes with JavaScript, which is turned off here.",
    diagnoses={
        "not run yet": "No backward pass has come here yet, so there is no gradient; "
        "that is not the same as 0.",
        "frozen": "Frozen: no gradient is wanted here (requires_grad=False).",
        "not tracked": "No gradient flows here: nothing it was computed from asks for one.",
        "cut off": "No gradient goes through {at}: its result counts as a constant.",
        "not connected": "{root} does not depend on this node, so the pass from it does not come here.",
        "dead relu": "0, because {at} is a dead relu: its operand is not positive, "
        "so it lets no gradient through.",
        "zero factor": "0, because in {at} it is multiplied by {factor}, which is 0.",
        "flat": "0, because {at} is flat here: its local derivative is 0.",
        "cancels": "0, because the contributions to {at} cancel: they add up to 0.",
        "not taken": "0, because {at} takes another operand than {factor} here.",
        "underflow": "0, because a product at {at} is too small for a double: it underflowed.",
        "first nan": "nan (not a number): first made at {at}.",
        "first inf": "Infinite: first made at {at}.",
    },
)

CHINESE: Final = Messages(
    ops={
        "+": "求和",
        "-": "差",
        "*": "积",
        "/": "商",
        "**": "幂",
        "%": "余数",
        "//": "整商",
        ">": "比较",
        ">=": "比较",
        "<": "比较",
        "<=": "比较",
        "==": "比较",
        "!=": "比较",
        "neg": "相反数",
    },
    kinds={"parameter": "参数", "input": "输入", "constant": "常数", "operation": "运算"},
    leaf="叶节点 {node}",
    given="{name} = {value}。它是叶子节点（{kind}）：给定的，不是计算出来的。",
    locals="局部导数：",
    sends="传出 {amount}",
    from_root="本次反向传播，从 {root} 开始，上游梯度 × 局部导数：",
    gradient="本次反向传播：",
    through="经过 {name}",
    starts_here="反向传播从 {root} 开始：它的梯度是给定的，∂{root}/∂{root} = 1。",
    paths="从 {root} 到 {name} 的每条路径：",
    no_paths="从 {root} 到 {name} 没有路径。",
    more="以及另外 {count} 条，合计",
    all_paths="所有路径",
    of_passes="{name}.grad，各次反向传播之和：",
    by_hand="手动设置",
    elsewhere="来自别处的一次反向传播",
    earlier_passes="更早的 {count} 次，合计",
    preview="预览：尚未运行反向传播，以下是将会累加的值；此刻 Python 中各 .grad 保持不变。",
    previewed="预览：若运行 {root}.backward()，将累加此值；在此之前，Python 中的 {name}.grad 为 {grad}。",
    nothing_run="还没有运行过反向传播。",
    other_way="这些数值是按记录的分支算出的；此处程序会走另一条分支：{turned}。",
    guard_turned="{comparison} 记录时为 {was}，现在为 {now}",
    guard_holds="{comparison} 为 {now}，与记录时相同",
    between="；",
    live="在能显示小部件的笔记本环境中打开并运行这个单元格，计算图就可以操作。",
    no_script="这个页面上的计算图需要 JavaScript，而这里关闭了它。",
    diagnoses={
        "not run yet": "还没有反向传播到达这里，所以没有梯度；这和梯度为 0 不是一回事。",
        "frozen": "已冻结：这里不需要梯度（requires_grad=False）。",
        "not tracked": "梯度不会流到这里：它所依赖的量都不需要梯度。",
        "cut off": "梯度不会通过 {at}：它的结果被当作常数。",
        "not connected": "{root} 不依赖这个节点，所以从它开始的反向传播不会到达这里。",
        "dead relu": "梯度为 0，因为 {at} 是关闭的 relu：它的输入不为正，梯度无法通过。",
        "zero factor": "梯度为 0，因为在 {at} 中它乘以了 {factor}，而后者等于 0。",
        "flat": "梯度为 0，因为 {at} 在这里是平的：局部导数为 0。",
        "cancels": "梯度为 0，因为传到 {at} 的各条贡献相互抵消，总和为 0。",
        "not taken": "梯度为 0，因为 {at} 在这里取的是另一个操作数，而不是 {factor}。",
        "underflow": "梯度为 0，因为 {at} 处的乘积小到双精度浮点数无法表示：发生了下溢。",
        "first nan": "nan（不是一个数）：最早出现在 {at}。",
        "first inf": "无穷大：最早出现在 {at}。",
    },
)

MESSAGES: Final = {"": ENGLISH, "en": ENGLISH, "zh": CHINESE}
"""By the `language` of a widget."""
