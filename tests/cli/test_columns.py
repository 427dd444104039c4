import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.syntax_trees import syntax_tree
from worker.cli.words import HEADINGS

CLI = sorted((Path(__file__).parents[2] / "worker" / "cli").rglob("*.py"))


def tables(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "show" and "as_json" in names_of(node):
            yield node


def names_of(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def columns(path: Path) -> Iterator[ast.expr]:
    """What columns are made of: the argument of that name, and what is assigned to names that end so."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.keyword) and node.arg == "columns":
            yield node.value
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).lower().endswith("columns"):
            yield node.value


def test_every_table_names_its_columns() -> None:
    unnamed = [f"{path.name}:{call.lineno}" for path in CLI for call in tables(path) if "columns" not in names_of(call)]

    assert unnamed == []


def test_every_column_has_a_heading() -> None:
    names = {
        part.value
        for path in CLI
        for value in columns(path)
        if isinstance(value, ast.Tuple | ast.List)
        for part in value.elts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }

    assert len(names) > 50
    assert names - HEADINGS.keys() == set()
