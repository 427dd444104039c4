"""What the demo tells the simulated TurboSMS: whom it refuses, what becomes of messages, where reports of it go."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from worker.cli.demo.office_events import STOPPED_PHONE, UNREACHED_PHONE
from worker.cli.demo.shop_events import MAKSYM, NADIIA

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


class Provider:
    """The simulator's doors that TurboSMS does not have."""

    def __init__(self, control: httpx.Client) -> None:
        self._http = control

    def prepare(self) -> None:
        """Let people be as they are in the scene."""
        self._request("PATCH", "/settings", HASTE)
        self._request("POST", "/stoplist", {"recipient": STOPPED_PHONE})
        for fate in FATES:
            self._request("POST", "/fates", fate)

    def report_to(self, token: str, url: str, secret: str) -> None:
        """Post what becomes of an account's messages there, signed with this key."""
        self._request("POST", "/accounts", {"token": token, "callback_url": url, "callback_secret": secret})

    def hurry(self) -> None:
        """Let a report that was too early for us come again now."""
        reports = self._http.get("/callbacks").raise_for_status().json()
        if any(report["outcomes"] and report["state"] == "waiting" for report in reports):
            self._request("POST", "/clock", A_MINUTE)

    def _request(self, verb: str, path: str, body: Mapping[str, object]) -> None:
        self._http.request(verb, path, json=body).raise_for_status()
