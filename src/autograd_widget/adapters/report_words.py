"""The words of a report on an engine, in one table per language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Words:
    """The sentences of one language, to be filled in with `str.format`."""

    headline: str
    mend: str
    value: str
    gradient: str
    value_row: str
    gradient_row: str
    before: str
    raised: str
    made_of: str
    right: str
    note: str
    notes: str
    stop: str
    found: str
    absent: str
    no_backward: str
    run_again: str
    starts_anew: str
    graph_right: str
    graph_off: str
    last_writer: str
    node: str
    yours: str
    chain_rule: str
    columns: Mapping[str, str]
    hints: Mapping[str, tuple[str, str, str]]
    """By kind, or by op and known mistake, a question, where to look, and the answer."""


ENGLISH: Final = Words(
    headline="{name}: {right} of {count} ops right",
    mend="To mend: {ops}.",
    value="{op}: {at} gives {yours}, and {expected} is right",
    gradient="{op}: {at} gives {of} {yours}, and the chain rule gives {expected}",
    value_row="{at}: yours {yours}, right {expected}",
    gradient_row="{at}: yours {of} {yours}, the chain rule {expected}",
    before="{case}, with {before} in each .grad before",
    raised="{case} raised {error}",
    made_of="made of your {ops}: mend that first",
    right="right",
    note="note",
    notes="Notes, no mistakes of a first engine:",
    stop=".",
    found="found (yours ≠ the chain rule)",
    absent="not there: {ops}",
    no_backward="there is no backward(), so the pass was not checked",
    run_again="a second backward() counts the interior twice, as micrograd's does: {first}, "
    "then {second} (PyTorch 24)",
    starts_anew="a second backward() starts anew: 3·a² at a = 2 gives {first}, then {second} (PyTorch 24)",
    graph_right="Your pass is right: all {count} gradients are what the chain rule gives.",
    graph_off="Your pass is right until {name}: yours is {yours}, the chain rule gives {expected}.",
    last_writer=" The last to write there was your {op}.",
    node="node",
    yours="yours",
    chain_rule="the chain rule",
    columns={
        "value": "value",
        "derivative": "derivative",
        "twice": "operand used twice",
        "adds": "adds to what is there",
        "reflected": "number on the left",
    },
    hints={
        "value": (
            "Forward comes first: compute the expression by hand. Which number did your method compute?",
            "Read the line of your {op} that computes `data`: which operand, which order?",
            "Your {op} does not compute its value as mathematics has it: mend the number in the result.",
        ),
        "raises": (
            "Your {op} fails on these operands. What does the error say of their types?",
            "Look at what your {op} does with an operand that is a node, and with a plain number.",
            "Wrap plain numbers in your class before using their `data`.",
        ),
        "derivative": (
            "When the operand moves by a little, by how much does the result move?",
            "Read the line in your {op} that writes into `.grad`: its factor is the local derivative.",
            "The local derivative of {op} is another one: look it up, and multiply it with `out.grad`.",
        ),
        "twice": (
            "One node is both operands. Along how many ways does the gradient come back to it?",
            "Follow what your {op} writes into `.grad`, line by line, where both operands are one node.",
            "Both ways count: what the second one brings is added to the first.",
        ),
        "adds": (
            "Two amounts arrive at a. When the second one comes, what becomes of the first?",
            "Read how your {op} writes into `.grad`: does it keep what was there?",
            "`.grad = …` forgets what was there; `.grad += …` adds to it.",
        ),
        "reflected": (
            "The number is on the left: which method does Python call, and which operand is `self` there?",
            "Look at the reflected method of {op} (with r, as `__rsub__`): is the order right?",
            "In the reflected method `self` is the right operand: 2 {op} a is number {op} self.",
        ),
        "order": (
            "A node passes its gradient on. Has everything that it is due arrived by then?",
            "Write down in which order your backward() visits the nodes of this expression.",
            "Visit a node after all that use it: topological order, reversed, each node once.",
        ),
        "seed": (
            "How does y change when y changes by 1?",
            "Look at the result's own `.grad` when your backward() begins to visit nodes.",
            "Set the result's `.grad` to 1 before the pass: ∂y/∂y = 1.",
        ),
        "tanh no square": (
            "Is the slope of tanh the same on both sides of 0?",
            "Compare your derivative of tanh with 1 − tanh(a)², at a = 0.5 and a = −1.5.",
            "A square is missing: the derivative is 1 − t², not 1 − t.",
        ),
        "exp operand": (
            "What is special about the derivative of exp?",
            "Your exp multiplies with one of two numbers, the operand's or the result's. Which one?",
            "The derivative of exp is exp itself: multiply with the result's `data`, not the operand's.",
        ),
        "relu no mask": (
            "Where relu gives 0, what does a little move of its operand change?",
            "Try your relu at a = −1.5: does its derivative ask for the sign?",
            "Multiply with (out.data > 0): below 0 nothing passes.",
        ),
        "relu mask turned round": (
            "On which side of 0 does relu let its operand pass?",
            "Look at the comparison in your relu's backward function.",
            "The mask is turned round: it is 1 where the operand is greater than 0.",
        ),
        "* swapped": (
            "If b is large, does a little move of a change a·b by much or by little?",
            "In your *, which operand's `data` multiplies what is added to which `.grad`?",
            "A product sends the other factor: a.grad takes b.data, b.grad takes a.data.",
        ),
        "- sign": (
            "If b grows, does a − b grow?",
            "Look at the sign of what your - sends to its second operand.",
            "The second operand of a difference gets minus the gradient.",
        ),
        "/ no square": (
            "In a / b, how fast does the result fall when b grows, for a large b?",
            "Compare your derivative towards b with −a / b².",
            "The divisor is squared in ∂(a/b)/∂b = −a / b².",
        ),
        "/ sign": (
            "If b grows, does a / b grow?",
            "Look at the sign of what your / sends to the divisor.",
            "∂(a/b)/∂b = −a / b², with a minus.",
        ),
        "** exponent kept": (
            "Which power is the derivative of a³?",
            "Read the exponent in your power's backward function.",
            "The exponent falls by one: n · a^(n−1).",
        ),
        "** no factor": (
            "How steep is a³ at a = 2, compared with a²?",
            "One factor of the power rule is missing in your backward function.",
            "The exponent comes down as a factor: n · a^(n−1).",
        ),
    },
)

CHINESE: Final = Words(
    headline="{name}：{count} 个运算中 {right} 个正确",
    mend="需要改正：{ops}。",
    value="{op}：{at} 得到 {yours}，正确值是 {expected}",
    gradient="{op}：{at} 得到 {of} 为 {yours}，链式法则给出 {expected}",
    value_row="{at}：你的结果 {yours}，正确值 {expected}",
    gradient_row="{at}：你的 {of} 为 {yours}，链式法则给出 {expected}",
    before="{case}，各 .grad 中原有 {before}",
    raised="{case} 引发 {error}",
    made_of="由你的 {ops} 构成：先改正它",
    right="正确",
    note="说明",
    notes="说明（不算入门引擎的错误）：",
    stop="。",
    found="发现（你的 ≠ 链式法则）",
    absent="尚未实现：{ops}",
    no_backward="没有 backward()，因此未检查反向传播",
    run_again="第二次 backward() 会把中间节点重复计算，和 micrograd 一样：3·a² 在 a = 2 处先得 {first}，"
    "再得 {second}（PyTorch 为 24）",
    starts_anew="第二次 backward() 会重新开始：3·a² 在 a = 2 处先得 {first}，再得 {second}（PyTorch 为 24）",
    graph_right="你的反向传播正确：{count} 个梯度都与链式法则一致。",
    graph_off="到达 {name} 之前，你的反向传播都正确；{name} 处你的结果为 {yours}，链式法则给出 {expected}。",
    last_writer="最后写入 {name} 的是你的 {op}。",
    node="节点",
    yours="你的",
    chain_rule="链式法则",
    columns={
        "value": "值",
        "derivative": "导数",
        "twice": "同一操作数用两次",
        "adds": "累加到已有的值上",
        "reflected": "数字在左边",
    },
    hints={
        "value": (
            "先看前向计算：手算这个表达式。你的方法算出的是哪个数？",
            "看你的 {op} 中计算 `data` 的那一行：是哪个操作数，什么顺序？",
            "你的 {op} 的值与数学定义不符：请改正传给结果的数。",
        ),
        "raises": (
            "你的 {op} 对这些操作数会出错。错误信息中提到了什么类型？",
            "看你的 {op} 如何处理节点操作数和普通数字。",
            "先把普通数字包装成你的类，再使用它的 `data`。",
        ),
        "derivative": (
            "操作数稍微变动一点，结果会变动多少？",
            "看你的 {op} 中写入 `.grad` 的那一行：其中的因子就是局部导数。",
            "{op} 的局部导数不是这个：查一查公式，再乘以结果的 `.grad`。",
        ),
        "twice": (
            "同一个节点是两个操作数。梯度沿几条路回到它？",
            "当两个操作数是同一节点时，逐行看你的 {op} 向 `.grad` 写了什么。",
            "两条路都要算：第二条带来的要加到第一条上。",
        ),
        "adds": (
            "到达 a 的有两项。第二项到来时，第一项怎样了？",
            "看你的 {op} 怎样写入 `.grad`：原来的值保留了吗？",
            "`.grad = …` 会丢掉原来的值；`.grad += …` 才会累加。",
        ),
        "reflected": (
            "数字在左边：Python 调用哪个方法，其中 `self` 是哪个操作数？",
            "看 {op} 的反向方法（带 r，如 `__rsub__`）：操作数的顺序对吗？",
            "在反向方法中 `self` 是右操作数：2 {op} a 即 数字 {op} self。",
        ),
        "order": (
            "一个节点要把梯度传下去。此时它应得的都到齐了吗？",
            "写下你的 backward() 访问这个表达式各节点的顺序。",
            "节点要在所有用到它的节点之后访问：逆拓扑序，每个节点一次。",
        ),
        "seed": (
            "y 变化 1 时，y 变化多少？",
            "看 backward() 开始访问节点时，结果自己的 `.grad` 是多少。",
            "反向传播之前把结果的 `.grad` 设为 1：∂y/∂y = 1。",
        ),
        "tanh no square": (
            "tanh 在 0 两侧的斜率一样吗？",
            "在 a = 0.5 和 a = −1.5 处，把你的 tanh 导数与 1 − tanh(a)² 比较。",
            "少了平方：导数是 1 − t²，不是 1 − t。",
        ),
        "exp operand": (
            "exp 的导数有什么特别之处？",
            "你的 exp 乘以操作数的数还是结果的数？",
            "exp 的导数就是它自己：乘以结果的 `data`，而不是操作数的。",
        ),
        "relu no mask": (
            "在 relu 为 0 的地方，操作数稍微变动会改变什么？",
            "在 a = −1.5 处试试你的 relu：它的导数考虑符号了吗？",
            "乘以 (out.data > 0)：小于 0 时什么也不通过。",
        ),
        "relu mask turned round": (
            "relu 在 0 的哪一侧让操作数通过？",
            "看 relu 的反向函数中的比较。",
            "条件反了：操作数大于 0 时才为 1。",
        ),
        "* swapped": (
            "如果 b 很大，a 稍微变动会使 a·b 变动很多还是很少？",
            "在你的 * 中，加到各个 `.grad` 的量乘的是哪个操作数的 `data`？",
            "乘积传给一个因子的是另一个因子：a.grad 用 b.data，b.grad 用 a.data。",
        ),
        "- sign": (
            "b 增大时，a − b 会增大吗？",
            "看你的 - 传给第二个操作数的符号。",
            "差的第二个操作数得到负的梯度。",
        ),
        "/ no square": (
            "在 a / b 中，当 b 很大时，b 增大使结果下降得多快？",
            "把你对 b 的导数与 −a / b² 比较。",
            "∂(a/b)/∂b = −a / b²，除数要平方。",
        ),
        "/ sign": (
            "b 增大时，a / b 会增大吗？",
            "看你的 / 传给除数的符号。",
            "∂(a/b)/∂b = −a / b²，有负号。",
        ),
        "** exponent kept": (
            "a³ 的导数是几次幂？",
            "看你的幂运算反向函数中的指数。",
            "指数要减一：n · a^(n−1)。",
        ),
        "** no factor": (
            "在 a = 2 处，a³ 与 a² 相比有多陡？",
            "你的反向函数少了幂法则中的一个因子。",
            "指数要作为因子乘下来：n · a^(n−1)。",
        ),
    },
)

WORDS: Final = {"en": ENGLISH, "zh": CHINESE}


def words_of(language: str) -> Words:
    """The table of a language.

    Raises:
        ValueError: There is none.
    """
    if language not in WORDS:
        raise ValueError(f'language is "en" or "zh", not {language!r}')
    return WORDS[language]


def hints_for(language: str, kind: str, op: str, mistake: str = "") -> tuple[str, ...]:
    """Three hints, the answer last: of the known mistake where it is one, else of the kind."""
    hints = words_of(language).hints
    return tuple(hint.format(op=op) for hint in hints.get(f"{op} {mistake}", hints[kind]))
