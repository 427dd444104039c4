"""Every wait of a test has the bound of `tests/support/waiting.py`, and no test asks how quick a machine is."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.syntax_trees import syntax_tree

TESTS = Path(__file__).parents[1]
HOW_LONG = frozenset({"timeout", "within", "patience_s"})
WAITS = frozenset({"acquire", "communicate", "exception", "join", "result", "stop_after_delay", "wait"})
CLOCKS = frozenset({"monotonic", "perf_counter", "process_time", "time"})


def test_every_wait_has_the_same_bound() -> None:
    paths = [f"{path.relative_to(TESTS)}:{line}" for path in TESTS.rglob("*.py") for line in bounds(path)]

    assert paths == [], "take PATIENCE_S of tests/support/waiting.py, or IN_VAIN_S where it is right that nothing comes"


def bounds(path: Path) -> Iterator[str]:
    """Where a file sets a bound of its own."""
    for node in ast.walk(syntax_tree(path)):
        match node:
            case ast.Assign(targets=[ast.Name(name)]) if "PATIENCE" in name and path.name != "waiting.py":
                yield f"{node.lineno} {name}"
            case ast.Call(func=ast.Name("wait_until")) if any(keyword.arg == "seconds" for keyword in node.keywords):
                yield f"{node.lineno} seconds"
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(name), args=[number]) if name in WAITS and is_long(
                number
            ):
                yield f"{node.lineno} {name}"
            case ast.keyword(arg=str(name), value=number) if name in HOW_LONG and is_long(number):
                yield f"{node.lineno} {name}"
            case ast.BinOp(left=clock, op=ast.Add(), right=number) if is_clock(clock) and is_long(number):
                yield f"{node.lineno} deadline"
            case ast.Assert(test=ast.Compare(ops=[*_, ast.Lt() | ast.LtE()], comparators=[*_, most])) if (
                any(map(is_elapsed, ast.walk(node))) and ast.unparse(most) != "PATIENCE_S"
            ):
                yield f"{node.lineno} elapsed"
            case _:
                pass


def is_long(node: ast.expr) -> bool:
    """Whether it is a figure of seconds, and no look at what is there already."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value > 0


def is_clock(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS


def is_elapsed(node: ast.AST) -> bool:
    """Whether it is how long something took."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and is_clock(node.left)
