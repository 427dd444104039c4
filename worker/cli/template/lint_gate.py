"""The linter where texts are saved: nothing that it refuses is saved; findings and the cost of a text, in words."""

from collections.abc import Iterator
from decimal import Decimal

import typer
from rich.text import Text

from worker.cli import carets
from worker.cli.terminal import console, format_price, stop
from worker.core.accounts.price import Price
from worker.core.authoring.lint import Report
from worker.core.authoring.lint_findings import Finding
from worker.core.texts.segments import Segments
from worker.language import _, marked, ngettext, spoken
from worker.logs.redaction import visible

#: Where a price comes from.
SOURCES = {
    "set": marked("the price is set"),
    "learned": marked("the price is learned from TurboSMS's bills"),
    "unknown": marked("the price of a segment is not set (account set --segment-price)"),
}
STYLES = {"- ": "red", "+ ": "green"}


def finding_lines(text: str, report: Report) -> Iterator[str]:
    """Each finding: what it is, its line, carets under the place, and what to do."""
    for finding in report.findings:
        message = finding.message
        yield _("Error: {message}", message=message) if finding.is_error else _("Mind: {message}", message=message)
        if finding.end > finding.start:
            yield from (f"    {line}" for line in carets.marked(text, finding.start, finding.end))
        if finding.hint:
            yield f"  → {finding.hint}"


def finding_json(text: str, finding: Finding) -> dict[str, object]:
    """A finding for a program: offsets in the text, and line and column as editors count them."""
    line, column = finding.place_in(text)
    return {
        "code": finding.code,
        "is_error": finding.is_error,
        "start": finding.start,
        "end": finding.end,
        "line": line,
        "column": column,
        "message": finding.message,
        "hint": finding.hint,
    }


def format_size(size: Segments) -> str:
    """`2 seg. (87 characters, UCS-2)`."""
    return ngettext(
        "{count} segment ({length} characters, {encoding})",
        "{count} segments ({length} characters, {encoding})",
        size.count,
        length=size.units,
        encoding=size.encoding,
    )


def format_cost(size: Segments, price: Price) -> str:
    if price.amount is None:
        return _(SOURCES["unknown"])
    return f"{hryvnias(size.count * price.amount)} ({_(SOURCES[price.source])})"


def price_line(price: Price) -> str:
    if price.amount is None:
        return f"{_(SOURCES['unknown'])}."
    amount = decimal_point(format_price(price.amount))
    return _("A segment costs {amount} UAH: {source}.", amount=amount, source=_(SOURCES[price.source]))


def hryvnias(amount: Decimal) -> str:
    """`1.90 UAH`, `1,90 грн`."""
    return _("{amount} UAH", amount=decimal_point(f"{amount:.2f}"))


def decimal_point(figures: str) -> str:
    return figures.replace(".", ",") if spoken() == "uk" else figures


def size_json(size: Segments) -> dict[str, object]:
    return {"segments": size.count, "encoding": size.encoding, "units": size.units}


def print_lines(lines: Iterator[str] | list[str], *, stderr: bool = False) -> None:
    """Lines as they are; where the terminal has colours, what went is red and what came is green."""
    out = console(stderr=stderr)
    for line in lines:
        out.print(Text(visible(line), style=STYLES.get(line[:2], "")), soft_wrap=True)


def refuse(text: str, report: Report) -> typer.Exit:
    """The end of the command where the linter refuses a text, with every finding; to be raised."""
    print_lines(finding_lines(text, report), stderr=True)
    return stop(_("The text is refused, nothing was saved."))
