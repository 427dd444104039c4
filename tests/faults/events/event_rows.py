"""Group F: events that are malformed, repeated, out of order, hostile, or too many."""

from functools import partial

from tests.faults.events.accounted import fuzzed
from tests.faults.events.bursts import burst
from tests.faults.events.edits import edited
from tests.faults.events.forged_messages import forged_everywhere
from tests.faults.events.malformed import huge, not_json, not_utf8, refused, strange, wrong_schema
from tests.faults.events.odd_values import control_characters, hostile_names, odd_phones, odd_times
from tests.faults.events.out_of_order import out_of_order
from tests.faults.events.repeats import duplicated, ids_reused, publisher_died
from tests.faults.events.segment_count import counted
from tests.faults.events.wrong_fields import wrong_fields
from tests.faults.harness.row import Row

ROWS: tuple[Row, ...] = (
    Row("F1", "malformed JSON", partial(refused, corpus=not_json)),
    Row("F2", "not UTF-8, a BOM, UTF-16", partial(refused, corpus=not_utf8)),
    Row("F3", "wrong schema, every field of every type", partial(refused, corpus=wrong_schema)),
    Row("F4", "bodies of 10 and 17 MB", partial(refused, corpus=huge)),
    Row("F5", "unknown type, version, account", partial(refused, corpus=strange)),
    Row("F6", "the same event a hundred times at once", duplicated, full=5),
    Row("F7", "an id with another content", ids_reused, full=30),
    Row("F8", "a record's events in every order", out_of_order),
    Row("F9", "moments far ahead, long past, impossible", odd_times),
    Row("F10", "phones in any spelling, and none", odd_phones),
    Row("F11", "values that look like code", hostile_names),
    Row("F12", "NUL, lone surrogates, control characters", control_characters),
    Row("F13", "emoji, right-to-left, combining marks", counted, full=30_000),
    Row("F14", "poison envelopes on send and event queues", forged_everywhere, quick=1),
    Row("F15", "a burst", burst, full=3000),
    Row("F16", "a publisher without confirms dies half-way", publisher_died),
    Row("F17", "templates and triggers edited while texts wait", edited),
    Row("F18", "mutated events", fuzzed, full=20_000, quick=600),
    Row("F19", "fields and people that are wrong beside good ones", wrong_fields),
)
