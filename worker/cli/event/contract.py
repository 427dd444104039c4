"""`perfectum-sms event schema` and `event validate`: the contract, and a CRM's events held against it."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer

from worker.cli.event.input_files import Outbound, Refused, bodies
from worker.cli.event.outcome_examples import outcome_example
from worker.cli.terminal import AsJson, Exit, echo, emit, one_of, show, stop
from worker.cli.words import word
from worker.core.authoring.event_check import diagnose
from worker.core.authoring.event_examples import SHOWN_AT, SHOWN_NUMBER, shown
from worker.core.contract.event_types import TYPES
from worker.core.contract.facts import Facts
from worker.core.outcomes.outcome_types import TYPES as OUTCOME_TYPES
from worker.language import _, ngettext

#: Of events that a CRM publishes, and of outcomes that it hears.
EVERY_TYPE = (*TYPES, *OUTCOME_TYPES)
ERROR = "error"
#: Before they are published so many events are looked at for hints, and so many findings shown.
LOOKED_AT, SHOWN_FINDINGS = 1_000, 40
COLUMNS = ("event", "severity", "field", "problem", "fix")

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Each an event, or an array of them; - is stdin.")]


Format = Literal["asyncapi", "json-schema"]


def schema(
    event_type: Annotated[
        str | None,
        typer.Argument(
            metavar="TYPE",
            autocompletion=one_of(EVERY_TYPE),
            help="Only this one, as JSON Schema; see: perfectum-sms event types",
        ),
    ] = None,
    *,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = "asyncapi",
    out: Annotated[
        Path | None, typer.Option(help="Write both, and examples, into this folder.", file_okay=False)
    ] = None,
) -> None:
    """Print the contract: of events that a CRM publishes, and of outcomes that it hears, with an example of each.

    As AsyncAPI 3, which has both; or as JSON Schema (draft 7), of the events or of one type.

    - `perfectum-sms event schema > asyncapi.json` opens in AsyncAPI Studio
    - `perfectum-sms event schema invoice.overdue` for a validator in the CRM
    - `perfectum-sms event schema notification.delivered`
    - `perfectum-sms event schema --out contract`
    """
    from worker.cli.event.asyncapi import asyncapi  # noqa: PLC0415 (help must be quick)
    from worker.core.authoring.json_schema import json_schema  # noqa: PLC0415

    if event_type is not None:
        emit(schema_of(event_type))
    elif out is not None:
        write(out, everything())
    else:
        emit(json_schema(shown) if format_ == "json-schema" else asyncapi(shown, shown_outcome))


def schema_of(event_type: str) -> Facts:
    from worker.core.authoring import json_schema as of_events  # noqa: PLC0415 (help must be quick)
    from worker.core.outcomes import json_schema as of_outcomes  # noqa: PLC0415

    insist_on_type(event_type)
    if event_type in OUTCOME_TYPES:
        return of_outcomes.type_schema(event_type, shown_outcome)
    return of_events.type_schema(event_type, shown)


def everything() -> dict[str, Facts]:
    """The contract as files."""
    from worker.cli.event.asyncapi import asyncapi  # noqa: PLC0415 (help must be quick)
    from worker.core.authoring import json_schema as of_events  # noqa: PLC0415
    from worker.core.outcomes import json_schema as of_outcomes  # noqa: PLC0415

    return {
        "asyncapi.json": asyncapi(shown, shown_outcome),
        "events.schema.json": of_events.json_schema(shown),
        "outcomes.schema.json": of_outcomes.json_schema(shown_outcome),
        **{f"examples/{name}.json": shown(name) for name in TYPES},
        **{f"examples/{name}.json": shown_outcome(name) for name in OUTCOME_TYPES},
    }


def insist_on_type(event_type: str) -> None:
    if event_type not in EVERY_TYPE:
        raise stop(
            _("TYPE {event_type}: is none of {types}.", event_type=event_type, types=", ".join(EVERY_TYPE)), Exit.USAGE
        )


def write(folder: Path, files: dict[str, Facts]) -> None:
    for name, value in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
        except OSError as error:
            raise stop(f"{path}: {error.strerror}.", Exit.USAGE) from None
    echo(ngettext("Wrote {count} file into {folder}.", "Wrote {count} files into {folder}.", len(files), folder=folder))


def shown_outcome(name: str) -> Facts:
    return outcome_example(name, account="demo", now=SHOWN_AT, number=SHOWN_NUMBER)


def validate(files: Files, *, as_json: AsJson = False) -> None:
    """Check events field by field: what is wrong, and how to fix it. Needs neither RabbitMQ nor PostgreSQL.

    An `error` is what the worker would refuse. A `hint` is what it takes, and what may yet not do what was meant: a
    name that is nearly right, people who get nothing. The exit code is 1 if there is an error.

    - `perfectum-sms event validate event.json`
    - `perfectum-sms event example order.created | perfectum-sms event validate -`
    """
    findings = [findings_in(source, body) for file in files for source, body in bodies(file)]
    wrong = sum(any(row["severity"] == ERROR for row in rows) for rows in findings)
    report([row for rows in findings for row in rows], total=len(findings), wrong=wrong, as_json=as_json)
    if wrong:
        raise typer.Exit(Exit.FAILED)


def findings_in(source: str, body: bytes) -> list[dict[str, str]]:
    findings = diagnose(body, now=datetime.fromtimestamp(time.time(), UTC), example=shown)
    return [
        {
            "event": source,
            "severity": ERROR if remark.is_error else "hint",
            "field": remark.field,
            "problem": remark.problem,
            "fix": remark.fix,
        }
        for remark in findings
    ]


def print_findings(events: Sequence[Outbound | Refused]) -> None:
    """The same of events that are about to be published, a line for each finding, as far as anybody reads."""
    rows = [row for event in events[:LOOKED_AT] for row in findings_in(event.source, event.body)]
    for row in rows[:SHOWN_FINDINGS]:
        severity = word("severity", row["severity"])
        echo(f"{row['event']}: {severity}: {row['field']} {row['problem']}; {row['fix']}")
    if len(rows) > SHOWN_FINDINGS or len(events) > LOOKED_AT:
        echo(_("There may be more: perfectum-sms event validate FILE"))


def report(rows: Sequence[dict[str, str]], *, total: int, wrong: int, as_json: bool) -> None:
    if rows or as_json:
        show(rows, as_json=as_json, columns=COLUMNS, empty="")
    if not as_json:
        echo(
            ngettext("{wrong} of {count} would be refused.", "{wrong} of {count} would be refused.", total, wrong=wrong)
            if wrong
            else ngettext(
                "{count} is right: perfectum-sms event publish", "{count} are right: perfectum-sms event publish", total
            )
        )
