import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.syntax_trees import syntax_tree

ROOT = Path(__file__).parents[2]
OURS = sorted(path for folder in ("worker", "schedules", "deploy", "tests") for path in (ROOT / folder).rglob("*.py"))
BANNED = re.compile(r"(^|_)(util|utils|helper|helpers|common|misc|manager|handler|processor|base)(_|$)")
DOORS = ("worker", "schedules", "sql", "tests", "deploy")
TOP_LEVEL = {"worker", "schedules", "sql", "tests", "deploy", "README.md", "CHANGELOG.md", "pyproject.toml"}
BESIDE_IT = {"Makefile", "requirements.lock", "LICENSE", "build"}


def lines_over(most: int, paths: Iterable[Path]) -> dict[str, int]:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}
    return {path: lines for path, lines in lengths.items() if lines > most}


def test_a_file_has_at_most_400_lines() -> None:
    assert lines_over(400, OURS) == {}


def test_a_folder_has_at_most_16_files_of_python() -> None:
    folders = Counter(str(path.parent.relative_to(ROOT)) for path in OURS if path.name != "__init__.py")

    assert {folder: files for folder, files in folders.items() if files > 16} == {}


def test_a_page_at_the_root_or_a_door_is_short() -> None:
    assert lines_over(150, [ROOT / "README.md"]) == {}
    assert lines_over(40, (ROOT / folder / "README.md" for folder in DOORS)) == {}


def test_a_function_is_short_and_simple() -> None:
    long = [f"{path}:{name}: {lines}" for path in OURS for name, lines in functions(path) if lines > 40]

    assert long == []


def test_no_file_has_a_name_that_means_nothing() -> None:
    assert [str(path.relative_to(ROOT)) for path in OURS if BANNED.search(path.stem)] == []


def test_the_top_level_has_only_agreed_names() -> None:
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert {name for name in visible if not name.endswith(".egg-info")} <= TOP_LEVEL | BESIDE_IT


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                yield node.name, (node.end_lineno or 0) - body[0].lineno + 1
