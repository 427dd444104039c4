"""What the demo asks of the simulated TurboSMS: whom it refuses, what becomes of messages, where reports of it go."""

from __future__ import annotations

from worker.cli.demo.office_events import STOPPED_PHONE, UNREACHED_PHONE
from worker.cli.demo.shop_events import MAKSYM, NADIIA
from worker.cli.simulator.client import ask

#: What becomes of whose messages; all others are delivered.
FATES = (
    {"recipient": UNREACHED_PHONE, "sms": "undelivered"},
    {"recipient": MAKSYM["phonenumber"], "viber": "read", "text_contains": "прийнято"},
    {"recipient": NADIIA["phonenumber"], "viber": "not_viber_user"},
)
#: So quickly messages arrive here, in seconds.
HASTE = {"accepted_after_s": 0.3, "sent_after_s": 0.6, "final_after_s": 1}
#: After a report that was not taken the provider waits for a minute, with which it tries again.
A_MINUTE = {"advance_s": 61}


def prepare(url: str) -> None:
    ask(url, "PATCH", "settings", HASTE)
    ask(url, "POST", "stoplist", {"recipient": STOPPED_PHONE})
    for fate in FATES:
        ask(url, "POST", "fates", fate)


def hurry(url: str) -> None:
    """Let a report that was too early for us come again now."""
    if any(report["outcomes"] and report["state"] == "waiting" for report in ask(url, "GET", "callbacks")):
        ask(url, "POST", "clock", A_MINUTE)
