"""Sentences about invalid expressions, in one table per language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Words:
    """The sentences of one language, to be filled in with `str.format`."""

    missing: str
    missing_at_end: str
    empty: str
    no_function: str
    no_function_but: str
    no_operator: str
    never_closed: str
    never_opened: str
    no_comma: str
    takes: str
    assignment: str
    unknown: str
    nothing_to_move: str


ENGLISH: Final = Words(
    missing="a number or a name is missing before this {text}",
    missing_at_end="a number or a name is missing at the end",
    empty="there is no expression yet",
    no_function="there is no function {name}",
    no_function_but="there is no function {name}; there is {near}",
    no_operator="an operator is missing before {name}: {before}*{name}?",
    never_closed="this ( is never closed",
    never_opened="this ) was never opened",
    no_comma="a comma stands only between the operands of a function",
    takes="the number of operands that {name} takes is {takes}, and {given} are given",
    assignment="only an expression, no =; values are set on the cards",
    unknown="{text} means nothing in an expression",
    nothing_to_move="there is no name in this expression, so there is nothing to move",
)

CHINESE: Final = Words(
    missing="此 {text} 之前缺少数字或名称",
    missing_at_end="末尾缺少数字或名称",
    empty="还没有表达式",
    no_function="没有函数 {name}",
    no_function_but="没有函数 {name}；可用 {near}",
    no_operator="{name} 之前缺少运算符：{before}*{name}？",
    never_closed="这个 ( 没有闭合",
    never_opened="这个 ) 没有对应的 (",
    no_comma="逗号只能用在函数的参数之间",
    takes="{name} 需要 {takes} 个参数，这里有 {given} 个",
    assignment="这里只能写表达式，不能用 =；数值在卡片上设置",
    unknown="表达式中不能使用 {text}",
    nothing_to_move="表达式中没有名称，因此没有可以调节的量",
)

WORDS: Final = {"": ENGLISH, "en": ENGLISH, "zh": CHINESE}
