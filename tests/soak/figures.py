"""What a soak measured: lines for the eye, build/soak.json, and the chart beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import orjson

from tests.soak import chart
from tests.soak.beside import p95_ms
from tests.soak.run import Run
from tests.soak.trend import limit_of

FILE = Path("build/soak.json")


def table(run: Run) -> Iterator[str]:
    """Each series with its verdict."""
    for name, found in run.samples.trends().items():
        limit = limit_of(name)
        form = f",.{limit.digits}f"
        verdict = "flat " if found.is_flat else "GROWS"
        figures = f"usually {found.usual:{form}}, at most {found.most:{form}} {limit.unit}, rise {found.rise:+{form}}"
        yield f"{verdict} {name}: {figures}"


def figures(run: Run) -> dict[str, object]:
    """All of it, as JSON has it."""
    samples, visits = run.samples, run.visits
    return {
        "verdict": run.verdict,
        "good": run.is_good,
        "whole": run.is_whole,
        "minutes": run.minutes,
        "lasted_s": round(run.lasted_s, 1),
        "peak_per_s": round(run.peak, 1),
        "pace_per_s": round(run.pace, 1),
        "published": run.published,
        "lost": run.lost,
        "doubled": run.doubled,
        "faults": run.faults,
        "restarts": run.restarts,
        "kills": run.kills,
        "beside": {
            "pages": len(visits.pages),
            "pages_p95_ms": p95_ms(visits.pages),
            "exports": len(visits.exports),
            "exports_p95_ms": p95_ms(visits.exports),
        },
        "samples_missed": samples.faults,
        "series": {
            name: {
                **asdict(found),
                "limit": asdict(limit_of(name)),
                "at_s": [round(at, 1) for at in samples.moments[name]],
                "values": [round(value, 2) for value in samples.values[name]],
            }
            for name, found in samples.trends().items()
        },
    }


def write(run: Run, head: Mapping[str, object], file: Path) -> list[Path]:
    """The report, and the chart beside it."""
    whole = {**head, **figures(run)}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
    picture = file.with_suffix(".svg")
    if run.samples.trends():
        picture.write_text(chart.svg(run.samples, run.samples.trends(), sentences(run, head)))
    return [file, picture]


def sentences(run: Run, head: Mapping[str, object]) -> list[str]:
    """Above the chart."""
    machine = head["machine"]
    cores = f"{machine['cores']} cores of {machine['processor']}" if isinstance(machine, dict) else ""
    beside = f"{run.restarts} workers replaced, {run.kills} of them killed"
    seen = f"{len(run.visits.pages):,} pages and {len(run.visits.exports)} exports beside"
    return [
        f"{run.lasted_s / 60:.0f} minutes at {run.pace:,.0f} texts a second, half of the peak",
        f"{run.verdict}. {run.published:,} events, each text with its report; {beside}; {seen}.",
        f"make soak, {str(head['date'])[:10]}, {cores} with all on them. Grey: the warming, which is not judged.",
    ]
