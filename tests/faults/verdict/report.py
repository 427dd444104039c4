"""What the rows came to: a line each as they end, a table, and build/faults.json."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from tests.faults.harness.row import Outcome, Result

FILE = Path("build/faults.json")
Json = dict[str, object]
FIGURES: tuple[str, ...] = ("runs", "lost", "doubled", "wrong", "recovery_s")


def line(outcome: Outcome) -> str:
    """A row on a line, and below it what was not as promised."""
    row, result = outcome.row, outcome.result
    if result is None:
        return f"{row.id} {row.what} | not run: {row.reason}"
    recovery = "" if result.recovery_s is None else f"recover {result.recovery_s:.1f} s ({result.recovery})"
    bound = "" if result.bound is None else f"bound {result.bound}"
    counts = f"runs {result.runs} | events {result.events} | lost {result.lost} | doubled {result.doubled}"
    figures = ", ".join(f"{name} {value}" for name, value in result.figures.items())
    took = f"{outcome.seconds:.0f} s"
    text = "PASS" if result.is_ok else "FAIL"
    texts = [f"{row.id} {row.what}", counts, bound, f"wrong {result.wrong}", recovery, figures, result.reason]
    first = " | ".join([*filter(None, texts), took, f"seed {outcome.seed}", text])
    return "\n".join([first, *(f"    {fault}" for fault in result.faults)])


def table(outcomes: Sequence[Outcome]) -> str:
    """Every row in short."""
    heads = ("id", "runs", "events", "lost", "doubled", "wrong", "recover s", "ok")
    rows = [heads, *map(cells, outcomes)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(heads))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join([*lines, "", summary(outcomes)])


def cells(outcome: Outcome) -> tuple[str, ...]:
    """A line of the table."""
    result = outcome.result
    if result is None:
        return (outcome.row.id, "-", "-", "-", "-", "-", "-", "not run" if outcome.is_ok else "NO REASON")
    counts = (result.runs, result.events, result.lost, result.doubled, result.wrong)
    recovery = "-" if result.recovery_s is None else f"{result.recovery_s:.1f}"
    return (outcome.row.id, *map(str, counts), recovery, "ok" if result.is_ok else "FAIL")


def summary(outcomes: Sequence[Outcome]) -> str:
    """The sums; what a provider that forgets keys doubles is apart."""
    sums = totals(outcomes)
    ran = sum(outcome.result is not None for outcome in outcomes)
    return f"{ran} rows run, {len(outcomes) - ran} with a reason why not; " + ", ".join(
        f"{name} {value}" for name, value in sums.items()
    )


def totals(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Sums over all rows."""
    results = [outcome.result for outcome in outcomes if outcome.result]
    keyed = [result for result in results if result.bound is None]
    return {
        "runs": sum(result.runs for result in results),
        "events": sum(result.events for result in results),
        "lost": sum(result.lost for result in results),
        "doubled": sum(result.doubled for result in keyed),
        "doubled_without_keys": sum(result.doubled for result in results) - sum(result.doubled for result in keyed),
        "wrong": sum(result.wrong for result in results),
        "failed_rows": sum(not outcome.is_ok for outcome in outcomes),
    }


def write(outcomes: Sequence[Outcome], *, seed: int, seconds: float, is_quick: bool) -> None:
    """The report as a file."""
    report: Json = {
        "seed": seed,
        "seconds": round(seconds, 1),
        "quick": is_quick,
        "ok": all(outcome.is_ok for outcome in outcomes),
        "totals": totals(outcomes),
        "rows": [as_json(outcome) for outcome in outcomes],
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")


def as_json(outcome: Outcome) -> Json:
    """A row of the report; its figures are null where it was not run."""
    row, result = outcome.row, outcome.result
    body: Json = {"id": row.id, "what": row.what}
    if result is None:
        nothing = dict.fromkeys(FIGURES)
        return {**body, **nothing, "ok": outcome.is_ok, "reason": row.reason}
    return {
        **body,
        "runs": result.runs,
        "lost": result.lost,
        "doubled": result.doubled,
        "wrong": result.wrong,
        "recovery_s": None if result.recovery_s is None else round(result.recovery_s, 2),
        "ok": result.is_ok,
        "reason": reason(result),
        "recovery": result.recovery,
        "events": result.events,
        **({} if result.bound is None else {"bound": result.bound}),
        **({"figures": result.figures} if result.figures else {}),
        "seed": outcome.seed,
        "seconds": round(outcome.seconds, 1),
    }


def reason(result: Result) -> str:
    """What is not as promised, or the row's own remark."""
    return "; ".join(filter(None, (*result.faults, result.reason)))
