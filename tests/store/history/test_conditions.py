from datetime import UTC, datetime, timedelta

import pytest

from tests.store.right_rows import add
from worker.core.contract.event import short_hash
from worker.core.history.filters import Filter, Subject
from worker.store.db.postgres import Connection
from worker.store.history.conditions import conditions

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: What sets one row apart from another that is right in all else, and the filter that asks for it.
DIFFERENCES: tuple[tuple[dict[str, str], Filter], ...] = (
    ({"account": "'beta'"}, Filter(account="beta")),
    ({"client_id": "'5'"}, Filter(account="acme", client="5")),
    ({"recipient_id": "'18'", "recipient_kind": "'lead'"}, Filter(account="acme", recipient=Subject("lead", "18"))),
    ({"recipient_key": "'theirs'"}, Filter(account="acme", phone_key=b"theirs")),
    ({"record_kind": "'invoice'", "record_id": "'9'"}, Filter(account="acme", record=Subject("invoice", "9"))),
    ({"event": "77"}, Filter(account="acme", event="e-1")),
    ({"trigger": "'order_created'"}, Filter(triggers=("order_created", "order_cancelled"))),
    ({"state": "'skipped'", "reason": "'x'", "due_at": "NULL"}, Filter(states=("skipped",))),
    ({"state": "'skipped'", "reason": "'y'", "due_at": "NULL"}, Filter(states=("skipped",), reason="y")),
    ({"channel": "'viber'", "viber": "'{}'"}, Filter(channel="viber")),
    ({"created_at": "'2026-11-23 12:00+00'"}, Filter(since=NOON, until=NOON + timedelta(microseconds=1))),
)


@pytest.mark.parametrize(("difference", "wanted"), DIFFERENCES, ids=[next(iter(row)) for row, _ in DIFFERENCES])
def test_a_field_of_a_filter_finds_what_has_it(acme: Connection, difference: dict[str, str], wanted: Filter) -> None:
    add(acme, "notifications", {"id": "1"})
    add(acme, "notifications", {"id": "2", **difference})
    add(acme, "event_keys", {"key": f"'\\x{short_hash(b'acme', b'e-1').hex()}'", "id": "77"})
    where, values = conditions(wanted)

    statement = f"SELECT n.id FROM notifications AS n WHERE {where}"  # noqa: S608 (our own conditions)
    assert acme.execute(statement.encode(), values).fetchall() == [(2,)]


def test_an_empty_filter_finds_everything() -> None:
    assert conditions(Filter()) == ("TRUE", {})


def test_keywords_are_no_condition_and_never_ignored() -> None:
    with pytest.raises(ValueError, match="keywords are looked for"):
        conditions(Filter(account="acme", text="рахунок"))
