"""Bring the Ukrainian catalogue up to the texts of the code: `python -m deploy.catalogue`.

New ids come without a translation, which a person writes; what the code says no more is left out. It is sorted and
names no lines of code, so that a change of code changes nothing here.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import extract_from_ast

from worker.language import CATALOGUE
from worker.web.pages.rendering import HTML, environment

ROOT = Path(__file__).parents[1]
FOLDERS = ("worker", "schedules")
HEADER = (
    "# What perfectum-sms says, in Ukrainian. `make catalogue` brings it up to the code; then translate what is empty."
)
#: Lines of the header that change with every writing, or say nothing.
NOISE = re.compile(
    rb'"(?:Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated)[^\n]*\n'
)
#: Of an id; `None` for one without a form of many.
Id = str | tuple[str, str]


def texts() -> Iterator[Id]:
    """The ids that code and pages say in `_`, `ngettext` and `marked`; Babel's search misses those inside others."""
    for path in sorted(HTML.rglob("*.html")):
        tree = environment().parse(path.read_text())
        for _line, function, said in extract_from_ast(tree, ("_", "ngettext"), babel_style=False):
            texts_said = [said] if isinstance(said, str) else [text for text in said or () if text]
            if texts_said:
                yield (texts_said[0], texts_said[1]) if function == "ngettext" else texts_said[0]
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield from ids_of(node.func.id, node.args)


def ids_of(function: str, arguments: Sequence[ast.expr]) -> Iterator[Id]:
    given = [part.value for part in arguments if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if function == "ngettext" and len(given) > 1:
        yield given[0], given[1]
    elif function in {"_", "marked"} and given:
        yield given[0]


def read(language: str = "uk") -> Catalog:
    source = files("worker").joinpath(CATALOGUE.format(language=language)).read_bytes()
    return read_po(BytesIO(source), locale=language)


def updated(known: Catalog, ids: set[Id]) -> Catalog:
    """A catalogue of these ids with the translations that are known."""
    fresh = Catalog(locale="uk", header_comment=HEADER, fuzzy=False)
    for id_ in ids:
        translation = known.get(id_ if isinstance(id_, str) else id_[0])
        fresh.add(id_, translation.string if translation and translation.id == id_ else None)
    return fresh


def main() -> None:
    catalogue = updated(read(), set(texts()))
    written = BytesIO()
    write_po(written, catalogue, width=0, no_location=True, sort_output=True, omit_header=False)
    (ROOT / "worker" / CATALOGUE.format(language="uk")).write_bytes(NOISE.sub(b"", written.getvalue()))
    missing = sum(not message.string or not all(message.string) for message in catalogue if message.id)
    sys.stdout.write(f"{len(catalogue)} texts, {missing} without a translation.\n")


if __name__ == "__main__":
    main()
