"""Bodies that are no events, each a dead letter for its reason, and good events beside them that do not wait."""

import copy
import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import EVENT_TYPES, Events, Publication, dead
from tests.faults.harness.generator import Confirmed
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import messages
from tests.faults.verdict.outputs import size_besides_work
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import Json, row

Corpus = Callable[[Events], Iterator[Publication]]
Change = Callable[[Json], object]

PACE = 80.0
MANY = 50
#: Good events before the first, so that nothing is cold.
WARM = 24
DELAY_MAX_S = 5.0
HUGE = (10_000_000, 10_000_001, 17_000_000)
LOG_MAX = 256 * 1024

NOT_JSON = (
    *(b"", b" ", b"{", b"}", b"[1,", b'{"id":1,}', b"{'id': 1}", b'{"id" 1}', b'{"id":1}{"id":2}', b"id=1&type=x"),
    *(b"// no\n{}", b"NaN", b'{"id":Infinity}', b'{"id":-}', b'{"id":01}', b"tru", b'"open', b'"a\nb"', b'"\\x41"'),
    *(b"<event/>", b"\x00", b'{"id":"\x07"}', b"[" * 100_000, b'{"a":' * 50_000, b"[" * 3000 + b"]" * 3000),
)
TEXT = '{"id": "Замовлення їжі"}'
NOT_UTF8 = (
    *(TEXT.encode(code) for code in ("cp1251", "koi8-u", "utf-16", "utf-16-le", "utf-16-be", "utf-32")),
    *(
        b'{"id":"\xc0\xaf"}',
        b'{"id":"\x80"}',
        b'{"id":"\xed\xa0\x80"}',
        b'{"id":"\xf5\x80\x80\x80"}',
        TEXT.encode()[:10],
    ),
    *(b"\xef\xbb\xbf" + TEXT.encode(), b"\xff" * 40, gzip.compress(TEXT.encode(), mtime=0)),
)
STRANGERS = (
    ({"type": "invoice.eaten"}, "unknown_type"),
    ({"type": "INVOICE.OVERDUE"}, "unknown_type"),
    ({"type": "a'; DROP TABLE events; --"}, "unknown_type"),
    ({"source": "/accounts/nobody"}, "unknown_account"),
    ({"source": "/accounts/ACME"}, "schema"),
    ({"source": "/accounts/../acme"}, "schema"),
    ({"specversion": "2.0"}, "schema"),
    ({"specversion": 1.0}, "schema"),
)
#: What no field of an envelope may be.
WRONG: tuple[Any, ...] = (None, 5, True, [], [{}], "")
WRONG_IDS: tuple[Any, ...] = (None, [], {}, "", "x" * 101, 1.5)
UNEXPLAINED = "SELECT count(*) FROM dead_letters WHERE reason = 'schema' AND detail !~ '^[a-z_]+([.][^:]+)*: [^ ]'"
DEAD_LETTERS = "SELECT count(*) FROM dead_letters"


def not_json(events: Events) -> Iterator[Publication]:
    """F1."""
    whole = events.single(people=1).body
    cut = (whole[: events.random.randrange(1, len(whole))] for _ in range(10))
    return (raw(events, body, "not_json", "not_utf8") for body in (*NOT_JSON, *cut))


def not_utf8(events: Events) -> Iterator[Publication]:
    """F2; some encodings of what is not UTF-8 are, by chance, and then no JSON."""
    return (raw(events, body, "not_utf8", "not_json") for body in NOT_UTF8)


def wrong_schema(events: Events) -> Iterator[Publication]:
    """F3: of every type, each part that the contract asks for missing or of a wrong type."""
    for event_type in EVENT_TYPES:
        for change in changes(event_type):
            body = body_of(events, event_type)
            change(body)
            yield raw(events, orjson.dumps(body), "schema", key=f"acme.{event_type}")


def strange(events: Events) -> Iterator[Publication]:
    """F5: types, versions and accounts that nobody knows, and a routing key of another account."""
    for change, reason in STRANGERS:
        body = {**body_of(events, "invoice.overdue"), **change}
        account = str(body["source"]).rpartition("/")[2]
        yield raw(events, orjson.dumps(body), reason, key=f"{account}.{body['type']}")
    for key in ("beta.invoice.overdue", "invoice.overdue", ".", "*.#"):
        yield raw(events, orjson.dumps(body_of(events, "invoice.overdue")), "account_mismatch", key=key)


def changes(event_type: str) -> Iterator[Change]:
    """What makes a body of this type wrong."""
    record = event_type.split(".", maxsplit=1)[0]
    for name in ("specversion", "id", "source", "type", "time", "data"):
        yield lambda body, name=name: body.pop(name)
        for wrong in WRONG:
            yield lambda body, name=name, wrong=wrong: body.update({name: copy.deepcopy(wrong)})
    yield lambda body: body["data"].pop(record)
    yield lambda body: body["data"][record].pop("id")
    for wrong in WRONG_IDS:
        yield lambda body, wrong=wrong: body["data"][record].update({"id": wrong})
    yield lambda body: body["data"].update({"recipients": body["data"]["recipients"] * 501})


def huge(events: Events) -> Iterator[Publication]:
    """F4: bodies of 10 and 17 MB, of valid JSON."""
    for size in HUGE:
        yield raw(events, orjson.dumps({**body_of(events, "order.created"), "more": "x" * size}), "too_large")


def body_of(events: Events, event_type: str) -> Json:
    """A good body of acme's."""
    return events.body(event_type, "acme", mark=events.mark(), phones=events.phones(1))


def raw(events: Events, body: bytes, *reasons: str, key: str = "acme.invoice.overdue") -> Publication:
    """Bytes that must become a dead letter for any of these reasons."""
    return Publication(events.mark(), "", "acme", key, body, (), dead(*reasons))


def refused(stage: Stage, _runs: int, *, corpus: Corpus) -> Result:
    """Every body of the corpus between two good events."""
    bad = list(corpus(stage.events))
    with stage.fleet(workers=1) as fleet:
        stage.publish(stage.events.stream(WARM, people=1))
        until_more_came(stage)
        load = stage.publish(between_good(stage.events, bad), pace=PACE)
        load.wait()
        unlike = len({publication.hash for publication in bad})
        result = stage.result(fleet, runs=len(bad), since=moment())
    delay = next_after(stage, load.confirmed)
    [dead_letters], [unexplained] = row(stage.pool, DEAD_LETTERS), row(stage.pool, UNEXPLAINED)
    log = sum(size_besides_work(path.read_bytes()) for path in stage.folder.glob("*.log"))
    lines = len(fleet.log_lines("dead_letter.event"))
    faults = [f"the next good event waited {delay:.1f} s"] if delay > DELAY_MAX_S else []
    faults += [f"{dead_letters} dead letters for {unlike} bodies"] if dead_letters != unlike else []
    faults += [f"{unexplained} dead letters name no field"] if unexplained else []
    faults += [f"{log} bytes of logs"] if log > LOG_MAX else []
    faults += [f"{lines} lines of dead letters for {len(bad)} bodies"] if lines != len(bad) else []
    figures = {
        "dead letters": dead_letters,
        "next good event sent after ms": round(delay * 1000),
        "peak MB": fleet.peak_kb // 1024,
        "log bytes": log,
    }
    return faulted(replace(result, figures=figures), faults)


def between_good(events: Events, bad: Sequence[Publication]) -> Iterator[Publication]:
    """Each with a good event behind it, or every so many of them where there are many."""
    step = 1 + len(bad) // MANY
    for number, publication in enumerate(bad):
        yield publication
        if number % step == 0:
            yield events.single(people=1)


def next_after(stage: Stage, confirmed: Sequence[Confirmed]) -> float:
    """The longest time from the confirmation of a good event to its message, in seconds."""
    sent = {message.recipient: message.at for message in messages(stage.provider)}
    good = [item for item in confirmed if item.publication.phones]
    return max(sent.get(confirmed.publication.phones[0], confirmed.at) - confirmed.at for confirmed in good)
