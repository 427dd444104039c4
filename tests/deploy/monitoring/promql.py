"""What a PromQL expression asks for, by its syntax tree: metrics, matchers, and labels that it groups or joins by."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promql_parser import (
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    MatchOp,
    MatrixSelector,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
    VectorSelector,
    parse,
)

#: Functions that see a rise only where a series was there before it.
OF_RISES = {"rate", "increase", "irate"}
#: Prometheus adds them to whatever it scrapes.
OF_TARGETS = {"job", "instance"}


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric with its matchers: (label, operator, value)."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]
    rises: bool

    def takes(self, labels: Mapping[str, str]) -> bool:
        return all(
            _matches(operator, labels.get(label, ""), value)
            for label, operator, value in self.matchers
            if label not in OF_TARGETS
        )


def _matches(operator: str, own: str, wanted: str) -> bool:
    if "~" in operator:
        return bool(re.fullmatch(wanted, own)) is (operator == "=~")
    return (own == wanted) is (operator == "=")


OPERATORS = ((MatchOp.Equal, "="), (MatchOp.NotEqual, "!="), (MatchOp.Re, "=~"), (MatchOp.NotRe, "!~"))


def selectors(text: str) -> list[Selector]:
    """Each selector of an expression.

    Raises:
        ValueError: it is no PromQL.
    """
    return [_selector(node, rises=rises) for node, rises in _nodes(parse(text)) if isinstance(node, VectorSelector)]


def labels_used(text: str) -> set[str]:
    """Labels that an expression groups, joins or copies by."""
    used: set[str] = set()
    for node, _ in _nodes(parse(text)):
        if isinstance(node, AggregateExpr) and node.modifier:
            used |= set(node.modifier.labels)
        if isinstance(node, BinaryExpr) and node.modifier:
            matching = node.modifier.matching
            used |= set(matching.labels if matching else ()) | set(node.modifier.group_labels or ())
    return used


def _selector(node: VectorSelector, *, rises: bool) -> Selector:
    matchers = [(item.name, _operator(item.op), item.value) for item in node.matchers.matchers]
    named = [value for label, _, value in matchers if label == "__name__"]
    return Selector(node.name or named[0], tuple(item for item in matchers if item[0] != "__name__"), rises)


def _operator(operator: MatchOp) -> str:
    return next(text for known, text in OPERATORS if known == operator)


def _nodes(node: Expr, *, rises: bool = False) -> Iterator[tuple[Expr, bool]]:
    """Each node, and whether it is within a function of rises."""
    yield node, rises
    for part, is_inside in _parts(node):
        yield from _nodes(part, rises=rises or is_inside)


def _parts(node: Expr) -> list[tuple[Expr, bool]]:
    match node:
        case Call():
            return [(part, node.func.name in OF_RISES) for part in node.args]
        case BinaryExpr():
            return [(node.lhs, False), (node.rhs, False)]
        case AggregateExpr():
            return [(node.expr, False), *([(node.param, False)] if node.param else [])]
        case MatrixSelector():
            return [(node.vector_selector, False)]
        case ParenExpr() | SubqueryExpr() | UnaryExpr():
            return [(node.expr, False)]
        case _:
            return []
